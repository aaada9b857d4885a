"""The API on Ray Serve compared with the plain server: throughput, costs, and faults under load."""

import argparse
from dataclasses import asdict
from importlib.metadata import version

from benchmarks.cluster.faults import measure_faults
from benchmarks.cluster.report import write_text
from benchmarks.cluster.serving import serve_on_cluster, serve_plainly
from benchmarks.results import describe_machine, write_results

_REPLICAS = (1, 2, 4)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--seconds",
        type=int,
        default=10,
        help="seconds of load for each number of connections (default %(default)s)",
    )
    parser.add_argument(
        "--replicas", type=int, nargs="+", default=_REPLICAS, help="numbers of replicas (default 1 2 4)"
    )
    parser.add_argument("--kills", type=int, default=10, help="replicas to kill (default %(default)s)")


def run(options: argparse.Namespace) -> None:
    """Measure, and write the results."""
    notes = [
        f"{describe_machine()}; Ray {version('ray')}; all processes and wrk on one machine",
        f"{options.seconds} s each; ten drawings of 280x280 pixels in turn, grey PNG in base64 in JSON",
    ]
    served = list(serve_plainly(seconds=options.seconds))
    by_proxies, _ = serve_on_cluster(options.replicas, haproxy=False, seconds=options.seconds)
    by_haproxy, costs = serve_on_cluster(options.replicas, haproxy=True, seconds=options.seconds)
    served += by_proxies + by_haproxy
    faults = {
        "Serve's proxy": measure_faults(haproxy=False, kills=options.kills),
        "HAProxy": measure_faults(haproxy=True, kills=options.kills),
    }
    data = {
        "notes": notes,
        "served": [asdict(each) for each in served],
        "costs": asdict(costs),
        "faults": {way: [asdict(fault) for fault in found] for way, found in faults.items()},
    }
    write_results(options.output, "cluster", data=data, text=write_text(served, costs, faults, notes=notes))
