"""The results as tables."""

from collections.abc import Mapping, Sequence

from benchmarks.cluster.faults import Fault
from benchmarks.cluster.serving import Costs, Served
from benchmarks.results import table


def write_text(
    served: Sequence[Served], costs: Costs, faults: Mapping[str, Sequence[Fault]], *, notes: Sequence[str]
) -> str:
    """Return the report in Markdown."""
    parts = [
        "# A cluster and one process\n",
        "".join(f"- {note}\n" for note in notes),
        table(
            ("", "connections", "requests/s", "p50 ms", "p99 ms", "refused", "failed"),
            [_describe_load(each, place) for each in served for place in range(len(each.loads))],
        ),
        table(
            ("", "processor time of a request, ms", "memory, MB"),
            [
                (each.name, _join(each.cpu_milliseconds, ".2f"), _join(each.megabytes, ".0f"))
                for each in served
            ],
        ),
        table(("other costs", ""), _describe_costs(costs)),
        table(
            ("faults under load", "", "responses", "replicas restored after", "slowest response"),
            [_describe_fault(way, fault) for way, found in faults.items() for fault in found],
        ),
    ]
    return "\n".join(parts)


def _describe_load(served: Served, place: int) -> tuple[object, ...]:
    load = served.loads[place]
    times = (f"{load.p50:.1f}", f"{load.p99:.1f}")
    return (served.name, load.connections, f"{load.rate:,.0f}", *times, load.refused, load.failed)


def _describe_costs(costs: Costs) -> list[tuple[str, str]]:
    return [
        ("Ray's own processes on a node without replicas", f"{costs.idle_node_megabytes:.0f} MB"),
        ("model, sent to each replica", f"{costs.model_bytes:,} bytes"),
        ("start of a replica, process included", f"{costs.start.seconds:.1f} s"),
        ("part for the model", f"{costs.start.constructor_seconds:.1f} s"),
    ]


def _describe_fault(way: str, fault: Fault) -> tuple[str, ...]:
    responses = ", ".join(f"{name}: {count:,}" for name, count in fault.responses.items())
    slowest = f"{fault.slowest_milliseconds:,.0f} ms"
    return (way, fault.name, responses, f"{fault.recovery_seconds:.1f} s", slowest)


def _join(values: Mapping[str, float], form: str) -> str:
    return ", ".join(f"{name} {value:{form}}" for name, value in values.items())
