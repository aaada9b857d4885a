"""Throughput of clusters and of plain servers under the same load."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.cluster.costs import (
    Part,
    Start,
    measure_idle_node,
    measure_model_bytes,
    measure_parts,
    measure_starts,
)
from benchmarks.drawings import draw_digits
from benchmarks.servers import clean_environment, resident_megabytes, run_app
from benchmarks.service.load import Load, drive
from tests.app.cluster.serve_cluster import ServeCluster, run_cluster

CONNECTIONS = (1, 8, 64)
_WARM_UP_SECONDS = 2
_WARM_UP_CONNECTIONS = 8
_COSTS_AT = 8  # connections for the processor time of a request


@dataclass(frozen=True)
class Served:
    """Results of one deployment.

    Attributes:
        name: in the tables.
        loads: one for each number of connections.
        cpu_milliseconds: processor time of a request, by part of the cluster.
        megabytes: memory after the load, by part.
    """

    name: str
    loads: tuple[Load, ...]
    cpu_milliseconds: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Costs:
    """Other costs of a cluster.

    Attributes:
        idle_node_megabytes: memory of Ray's own processes on a node without replicas.
        model_bytes: sent to each replica.
        start: of a replica.
    """

    idle_node_megabytes: float
    model_bytes: int
    start: Start


def serve_plainly(*, seconds: int) -> Iterator[Served]:
    """Measure `python -m app` with one and two processes."""
    for workers in (1, 2):
        with run_app(workers=workers) as server:
            _warm_up(server.url)
            loads = tuple(_drive(server.url, count, seconds=seconds) for count in CONNECTIONS)
            memory = resident_megabytes(server.process)
        yield Served(f"plain server, processes: {workers}", loads, megabytes={"app": memory})


def serve_on_cluster(replicas: Iterable[int], *, haproxy: bool, seconds: int) -> tuple[list[Served], Costs]:
    """Measure a cluster with each number of replicas."""
    way = "HAProxy" if haproxy else "Serve's proxy"
    with run_cluster(clean_environment(), haproxy=haproxy) as cluster:
        idle = measure_idle_node(cluster)
        served = [
            _serve(cluster, count, name=f"{way}, replicas: {count}", seconds=seconds) for count in replicas
        ]
        return served, Costs(idle, measure_model_bytes(), measure_starts(cluster))


def _serve(cluster: ServeCluster, replicas: int, *, name: str, seconds: int) -> Served:
    cluster.deploy(replicas=replicas)
    cluster.wait_until_ready(replicas=replicas)
    _warm_up(cluster.url)
    loads: list[Load] = []
    for connections in CONNECTIONS:
        before = measure_parts(cluster)
        loads.append(_drive(cluster.url, connections, seconds=seconds))
        if connections == _COSTS_AT:
            after = measure_parts(cluster)
            costs = _share(before, after, requests=loads[-1].rate * seconds)
    return Served(name, tuple(loads), costs, {part: each.megabytes for part, each in after.items()})


def _share(before: dict[str, Part], after: dict[str, Part], *, requests: float) -> dict[str, float]:
    return {
        part: 1000 * (each.cpu_seconds - before[part].cpu_seconds) / requests
        for part, each in after.items()
        if part in before and requests
    }


def _warm_up(url: str) -> None:
    _drive(url, _WARM_UP_CONNECTIONS, seconds=_WARM_UP_SECONDS)


def _drive(url: str, connections: int, *, seconds: int) -> Load:
    bodies: Sequence[bytes] = [drawing.body for drawing in draw_digits()]
    return drive(url, "/api/predict", bodies, connections=connections, seconds=seconds)
