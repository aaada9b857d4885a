"""The results as tables and as data."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.client import count_statuses
from benchmarks.overload.bad_clients import BadClients, Resources
from benchmarks.overload.drain import Drain
from benchmarks.overload.flood import Flood
from benchmarks.results import table

TIMES = 10  # overload, in multiples of the capacity
_PERCENTS = (50, 95, 99, 100)


@dataclass(frozen=True)
class Overload:
    """A server at ten times its capacity.

    Attributes:
        capacity: responses a second on 8 connections.
        unloaded: requests one after the other.
        flooded: requests at ten times the capacity.
        megabytes: resident memory before, at the end of the overload, and 5 seconds later.
        recovery_seconds: from the end of the overload to the first of 20 successive responses with status 200
            within the unloaded p99; NaN above 10.
    """

    capacity: float
    unloaded: Flood
    flooded: Flood
    megabytes: tuple[float, float, float]
    recovery_seconds: float


def as_data(overload: Overload, drained: Drain, bad: Sequence[BadClients]) -> dict[str, Any]:
    """Return the results as JSON data."""
    return {
        "overload": vars(overload)
        | {"unloaded": _shorten(overload.unloaded), "flooded": _shorten(overload.flooded)},
        "drain": asdict(drained),
        "bad_clients": [asdict(each) for each in bad],
    }


def write_text(overload: Overload, drained: Drain, bad: Sequence[BadClients], *, notes: Sequence[str]) -> str:
    """Return the report in Markdown."""
    heads = ("before: memory, files, threads", "during", "after")
    parts = [
        "# Overload\n",
        "".join(f"- {note}\n" for note in notes),
        table(("overload", ""), _describe_overload(overload)),
        table(("SIGTERM at twice the capacity", ""), _describe_drain(drained)),
        table(
            (
                "100 clients at once",
                *heads,
                "p99 of another client",
                "closed by the server",
                "the last after",
            ),
            [_describe_bad(each) for each in bad],
        ),
    ]
    return "\n".join(parts)


def _shorten(flood: Flood) -> dict[str, Any]:
    return {
        "statuses": flood.count(),
        "unsent": flood.unsent,
        "without_retry_after": flood.without_retry_after,
        "milliseconds_of_200": {percent: flood.percentile(percent) for percent in _PERCENTS},
        "milliseconds_of_503": {percent: flood.percentile(percent, status=503) for percent in _PERCENTS},
    }


def _describe_overload(overload: Overload) -> list[tuple[str, str]]:
    unloaded, flooded = overload.unloaded, overload.flooded
    late = float(np.percentile(flooded.late, 99)) if flooded.late else float("nan")
    return [
        ("capacity, 8 connections", f"{overload.capacity:,.0f} requests/s"),
        ("without load, p50 and p99", _join(unloaded.percentile(percent) for percent in (50, 99))),
        ("responses under overload", count_statuses(flooded.count())),
        ("not sent, no connection idle", f"{flooded.unsent:,}"),
        ("delay of the load generator, p99", f"{late:.1f} ms"),
        (
            "admitted under overload, p50, p99, maximum",
            _join(flooded.percentile(percent) for percent in (50, 99, 100)),
        ),
        ("admitted p99 / unloaded p99", f"{flooded.percentile(99) / unloaded.percentile(99):.1f}"),
        ("admitted maximum / unloaded p99", f"{flooded.percentile(100) / unloaded.percentile(99):.1f}"),
        ("refused, p50 and p99", _join(flooded.percentile(percent, status=503) for percent in (50, 99))),
        ("refused without Retry-After", f"{flooded.without_retry_after:,}"),
        ("memory before, at the end, 5 s later", ", ".join(f"{each:.0f} MB" for each in overload.megabytes)),
        ("recovered after", f"{overload.recovery_seconds:.2f} s"),
    ]


def _describe_drain(drained: Drain) -> list[tuple[str, object]]:
    return [
        ("exit code", drained.exit_code),
        ("ended after", f"{drained.seconds:.2f} s"),
        ("not ready after", f"{drained.not_ready:.2f} s, status {drained.readiness or 'none'}"),
        ("sent before SIGTERM", count_statuses(drained.before)),
        ("sent after SIGTERM", count_statuses(drained.after)),
    ]


def _describe_bad(bad: BadClients) -> tuple[str, ...]:
    return (
        bad.kind,
        *(_describe_resources(each) for each in (bad.before, bad.during, bad.after)),
        f"{bad.others_p99:.1f} ms",
        count_statuses(bad.closed) or "none",
        f"{bad.seconds:.1f} s" if bad.closed else "",
    )


def _describe_resources(resources: Resources) -> str:
    return f"{resources.megabytes:.0f} MB, {resources.files}, {resources.threads}"


def _join(milliseconds: Iterable[float]) -> str:
    return ", ".join(f"{each:.2f} ms" for each in milliseconds)
