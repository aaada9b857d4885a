"""What 1, 10, 100 and 1,000 machines would serve and cost: a computation and a simulation, nothing measured.

Every number that it rests on stands in benchmarks/capacity/costs.py; benchmarks/README.md says what follows.
"""

import argparse
import math
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.capacity import costs
from benchmarks.capacity.costs import CORES, WAYS, Way
from benchmarks.capacity.plot import save_plot
from benchmarks.capacity.simulation import controller_share, full_controller, most, simulate_waits
from benchmarks.results import table, write_results

_MACHINES = (1, 10, 100, 1000)
_LOADS = (0.05, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
_PLOTTED = 10  # machines in the curve of waiting times
_SEED = 8


@dataclass(frozen=True)
class Fleet:
    """So many machines that serve in one way, as full as we would have them.

    Attributes:
        way: its name.
        machines: that serve.
        others: that hand out requests, or hold Ray's head.
        processes: that read.
        rate: requests a second.
        p99_ms: of a request, without the network.
        dollars_an_hour: machines and what goes out.
        dollars_a_million: requests.
        visitors: who draw at the same time.
        controller: share of its one core that Serve's controller needs; above 1 it falls behind.
    """

    way: str
    machines: int
    others: int
    processes: int
    rate: float
    p99_ms: float
    dollars_an_hour: float
    dollars_a_million: float
    visitors: float
    controller: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--requests", type=int, default=50_000, help="simulated (default %(default)s)")


def run(options: argparse.Namespace) -> None:
    """Compute everything, and write it with a plot."""
    fleets = [compute(way, machines, requests=options.requests) for way in WAYS for machines in _MACHINES]
    curves = {way.name: [_p99(way, load, requests=options.requests) for load in _LOADS] for way in WAYS}
    data = {
        "fleets": [asdict(fleet) for fleet in fleets],
        "p99_ms": {"machines": _PLOTTED, "loads": _LOADS, "ways": curves},
    }
    write_results(options.output, "capacity", data=data, text=_write_text(fleets))
    save_plot(options.output / "capacity.png", loads=_LOADS, curves=curves, machines=_PLOTTED)


def compute(way: Way, machines: int, *, requests: int) -> Fleet:
    """What that many machines do and cost."""
    rate = costs.LOAD * most(way, machines)
    processes = machines * CORES
    balancers = math.ceil(rate * costs.BALANCER_MS / 1000 / CORES / costs.LOAD) if machines > 1 else 0
    others = balancers + way.controlled
    out = rate * 3600 * costs.ANSWER_BYTES / 1e9 * costs.GIGABYTE_OUT_DOLLARS
    dollars = (machines + others) * CORES * costs.CORE_HOUR_DOLLARS + out
    waits = simulate_waits(way, rate, machines=machines, requests=requests, seed=_SEED)
    return Fleet(
        way.name,
        machines,
        others,
        processes,
        rate,
        p99_ms=float(np.percentile(waits, 99)),
        dollars_an_hour=dollars,
        dollars_a_million=dollars / (rate * 3600) * 1e6,
        visitors=rate / costs.READINGS_EACH,
        controller=controller_share(processes) if way.controlled else 0.0,
    )


def _p99(way: Way, load: float, *, requests: int) -> tuple[float, float]:
    """Requests a second, and the wait that one in a hundred exceeds, in milliseconds."""
    rate = load * most(way, _PLOTTED)
    waits = simulate_waits(way, rate, machines=_PLOTTED, requests=requests, seed=_SEED)
    return rate, float(np.percentile(waits, 99))


def _write_text(fleets: list[Fleet]) -> str:
    head = (
        "way", "machines", "others", "processes", "requests/s", "p99 ms", "$/hour", "$/million", "visitors",
        "controller",
    )  # fmt: skip
    rows = [
        (
            fleet.way,
            f"{fleet.machines:,}",
            f"{fleet.others:,}",
            f"{fleet.processes:,}",
            f"{fleet.rate:,.0f}",
            f"{fleet.p99_ms:.0f}",
            f"{fleet.dollars_an_hour:,.2f}",
            f"{fleet.dollars_a_million:.2f}",
            f"{fleet.visitors:,.0f}",
            f"{100 * fleet.controller:.0f} %" if fleet.controller else "",
        )
        for fleet in fleets
    ]
    notes = "".join(f"- {note}\n" for note in _notes())
    return "\n".join(["# Capacity, on paper\n", notes, table(head, rows)])


def _notes() -> list[str]:
    replicas = max(_MACHINES) * CORES
    gigabytes = replicas * costs.MODEL_MEGABYTES / 1000
    seconds = replicas * costs.MODEL_MEGABYTES / costs.NETWORK_MEGABYTES
    minutes = 5 * replicas * costs.MODEL_FILES / costs.HUB_FILES
    return [
        f"machines of {CORES} cores, {100 * costs.LOAD:.0f} % full; {costs.CORE_HOUR_DOLLARS} $ for an hour "
        f"of a core, {costs.GIGABYTE_OUT_DOLLARS} $ for a gigabyte out (assumed)",
        f"Serve's controller has its core full at {full_controller():,.0f} replicas",
        f"a model for {replicas:,} replicas: {gigabytes:.1f} GB, {seconds:.0f} s out of one machine; from "
        f"the Hub by one address at least {minutes:.0f} minutes",
    ]
