"""The results as tables, ratios and a plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.results import table
from benchmarks.service.load import Load
from benchmarks.service.measure import Measured

_AT = 8  # connections for the comparison of rates


@dataclass(frozen=True)
class Ratio:
    """A measured ratio and its required limit.

    Attributes:
        name: in the tables.
        value: measured.
        limit: required.
        at_least: whether the limit is a minimum; else a maximum.
    """

    name: str
    value: float
    limit: float
    at_least: bool

    @property
    def holds(self) -> bool:
        """Whether the requirement is met."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def compute_ratios(measured: Sequence[Measured], *, gradio_seconds: float) -> list[Ratio]:
    """Compute the ratios with requirements."""
    found = {each.letter: each for each in measured}
    ours, page = found["a"], found["b"]
    return [
        *_compare_rates(found),
        Ratio("p99 / p50 of (a), 1 connection", ours.load(1).p99 / ours.load(1).p50, 2, at_least=False),
        Ratio("start of (b) / import of gradio", page.start_seconds / gradio_seconds, 1.5, at_least=False),
        Ratio("start of (a), seconds", ours.start_seconds, 2, at_least=False),
        Ratio("memory of (a), MB", ours.resident_megabytes, 120, at_least=False),
        Ratio("memory of (b), MB", page.resident_megabytes, 300, at_least=False),
    ]


def _compare_rates(found: Mapping[str, Measured]) -> list[Ratio]:
    rates = {letter: each.load(_AT).rate for letter, each in found.items()}
    ratios = [Ratio("requests/s of (a) / limit (c)", rates["a"] / rates["c"], 0.15, at_least=True)]
    if "d" in rates:
        ratios.append(Ratio("requests/s of (a) / (d)", rates["a"] / rates["d"], 40, at_least=True))
    best = max(rates["f"], rates["g"])
    ratios += [
        Ratio(f"requests/s of ({letter}) / best of (f), (g)", rates[letter] / best, 2, at_least=True)
        for letter in ("a", "a2")
    ]
    return ratios


def write_text(measured: Sequence[Measured], ratios: Sequence[Ratio], *, notes: Sequence[str]) -> str:
    """Return the report in Markdown."""
    head = ("", "server", "connections", "requests/s", "p50 ms", "p95 ms", "p99 ms", "refused", "failed")
    parts = [
        "# The service compared with others\n",
        "".join(f"- {note}\n" for note in notes),
        table(head, [_describe_load(each, load) for each in measured for load in each.loads]),
        table(
            ("", "server", "start to first response", "resident memory"),
            [
                (each.letter, each.name, f"{each.start_seconds:.1f} s", f"{each.resident_megabytes:.0f} MB")
                for each in measured
            ],
        ),
        table((f"rates at {_AT} connections", "measured", "required", ""), map(_describe_ratio, ratios)),
    ]
    return "\n".join(parts)


def _describe_load(measured: Measured, load: Load) -> tuple[object, ...]:
    times = (f"{time:.2f}" for time in (load.p50, load.p95, load.p99))
    rate = f"{load.rate:,.0f}"
    return (measured.letter, measured.name, load.connections, rate, *times, load.refused, load.failed)


def _describe_ratio(ratio: Ratio) -> tuple[str, ...]:
    required = f"at {'least' if ratio.at_least else 'most'} {ratio.limit:g}"
    return (ratio.name, f"{ratio.value:.2f}", required, "holds" if ratio.holds else "MISSED")


def save_plot(measured: Sequence[Measured], path: Path) -> None:
    """Plot requests a second and latency of each server, on logarithmic scales."""
    names = [f"({each.letter}) {each.name}" for each in measured]
    figure = Figure(figsize=(11, 0.6 * len(names) + 1.5), layout="constrained")
    rates, latencies = figure.subplots(1, 2, sharey=True)
    counts = [load.connections for load in measured[0].loads]
    for index, count in enumerate(counts):
        loads = [each.load(count) for each in measured]
        places = [place + (index - (len(counts) - 1) / 2) * 0.27 for place in range(len(names))]
        rates.barh(places, [load.rate for load in loads], height=0.25, label=f"{count} connections")
        latencies.hlines(
            places, [load.p50 for load in loads], [load.p99 for load in loads], color=f"C{index}", lw=3
        )
        latencies.plot([load.p50 for load in loads], places, "|", color=f"C{index}")
    rates.set(xscale="log", xlabel="requests a second", yticks=range(len(names)), yticklabels=names)
    rates.invert_yaxis()
    latencies.set(xscale="log", xlabel="milliseconds, p50 to p99")
    for axes in (rates, latencies):
        axes.grid(axis="x", alpha=0.3)
    figure.legend(*rates.get_legend_handles_labels(), loc="outside upper center", ncols=len(counts))
    figure.savefig(path, dpi=120)
