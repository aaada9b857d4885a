"""Computed throughput and costs of 1, 10, 100 and 1,000 machines; nothing is measured.

The input is in benchmarks/capacity/costs.py; benchmarks/README.md discusses the results.
"""

import argparse
import math
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.capacity import costs
from benchmarks.capacity.costs import CORES, DEPLOYMENTS, Deployment
from benchmarks.capacity.simulation import controller_share, max_rate, max_replicas, simulate_latencies
from benchmarks.results import table, write_results

_MACHINES = (1, 10, 100, 1000)
_SEED = 8


@dataclass(frozen=True)
class Fleet:
    """Machines with one kind of deployment, at the assumed load.

    Attributes:
        deployment: its name.
        machines: that serve.
        others: load balancers, and Ray's head.
        processes: that read.
        rate: requests a second.
        p99_ms: latency without the network.
        dollars_an_hour: for machines and outgoing traffic.
        dollars_a_million: for a million requests.
        visitors: who draw at the same time.
        controller: load of Serve's controller, as a share of its one core; above 1 it is overloaded.
    """

    deployment: str
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
    """Add the options of the command."""
    parser.add_argument(
        "--requests", type=int, default=50_000, help="simulated requests (default %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    """Compute, and write the results."""
    fleets = [
        compute(deployment, machines, requests=options.requests)
        for deployment in DEPLOYMENTS
        for machines in _MACHINES
    ]
    data = {"fleets": [asdict(fleet) for fleet in fleets]}
    write_results(options.output, "capacity", data=data, text=_write_text(fleets))


def compute(deployment: Deployment, machines: int, *, requests: int) -> Fleet:
    """Compute throughput and costs of some machines."""
    rate = costs.LOAD * max_rate(deployment, machines)
    processes = machines * CORES
    balancers = math.ceil(rate * costs.BALANCER_MS / 1000 / CORES / costs.LOAD) if machines > 1 else 0
    others = balancers + deployment.controlled
    traffic = rate * 3600 * costs.RESPONSE_BYTES / 1e9 * costs.GIGABYTE_OUT_DOLLARS
    dollars = (machines + others) * CORES * costs.CORE_HOUR_DOLLARS + traffic
    latencies = simulate_latencies(deployment, rate, machines=machines, requests=requests, seed=_SEED)
    return Fleet(
        deployment.name,
        machines,
        others,
        processes,
        rate,
        p99_ms=float(np.percentile(latencies, 99)),
        dollars_an_hour=dollars,
        dollars_a_million=dollars / (rate * 3600) * 1e6,
        visitors=rate / costs.READINGS_EACH,
        controller=controller_share(processes) if deployment.controlled else 0.0,
    )


def _write_text(fleets: list[Fleet]) -> str:
    head = (
        "deployment", "machines", "others", "processes", "requests/s", "p99 ms", "$/hour", "$/million",
        "visitors", "controller",
    )  # fmt: skip
    rows = [
        (
            fleet.deployment,
            *(f"{count:,}" for count in (fleet.machines, fleet.others, fleet.processes)),
            f"{fleet.rate:,.0f}",
            f"{fleet.p99_ms:.0f}",
            f"{fleet.dollars_an_hour:,.2f}",
            f"{fleet.dollars_a_million:.2f}",
            f"{fleet.visitors:,.0f}",
            f"{100 * fleet.controller:.0f} %" if fleet.controller else "",
        )
        for fleet in fleets
    ]
    notes = "".join(f"- {note}\n" for note in _describe_assumptions())
    return "\n".join(["# Computed capacity\n", notes, table(head, rows)])


def _describe_assumptions() -> list[str]:
    replicas = max(_MACHINES) * CORES
    gigabytes = replicas * costs.MODEL_MEGABYTES / 1000
    seconds = replicas * costs.MODEL_MEGABYTES / costs.NETWORK_MEGABYTES
    minutes = 5 * replicas * costs.MODEL_FILES / costs.HUB_FILES
    return [
        f"machines of {CORES} cores at {100 * costs.LOAD:.0f} % load; {costs.CORE_HOUR_DOLLARS} $ for a core "
        f"and hour, {costs.GIGABYTE_OUT_DOLLARS} $ for a gigabyte of outgoing traffic (assumed)",
        f"{max_replicas():,.0f} replicas use the whole core of Serve's controller",
        f"a model for {replicas:,} replicas: {gigabytes:.1f} GB, {seconds:.0f} s from one machine; from the "
        f"Hub to one address at least {minutes:.0f} minutes",
    ]
