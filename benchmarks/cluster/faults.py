"""Responses under load while replicas are killed, a version is rolled out and a node is lost."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from benchmarks.client import Connection, Response, encode_request
from benchmarks.drawings import Drawing, draw_digits
from benchmarks.servers import clean_environment
from tests.app.cluster.serve_cluster import ServeCluster, run_cluster

REPLICAS = 2
_CONNECTIONS = 8
_MARGIN_SECONDS = 2.0  # of load before and after each fault


@dataclass(frozen=True)
class Fault:
    """The effect of one fault.

    Attributes:
        name: of the fault.
        responses: number of each kind: correct, wrong, 503 with Retry-After, closed connection, other status.
        recovery_seconds: until there are as many replicas as before.
        slowest_milliseconds: the longest latency.
    """

    name: str
    responses: dict[str, int]
    recovery_seconds: float
    slowest_milliseconds: float


def measure_faults(*, haproxy: bool, kills: int) -> list[Fault]:
    """Cause each fault in a cluster of two nodes and two replicas, one after the other."""
    with run_cluster(clean_environment(), haproxy=haproxy) as cluster:
        cluster.deploy(replicas=REPLICAS)
        cluster.wait_until_ready(replicas=REPLICAS)
        faults = [("replica killed", lambda: _kill(cluster))] * kills
        faults += [("new version", lambda: _roll_out(cluster)), ("node lost", lambda: _lose_node(cluster))]
        return [asyncio.run(_measure_fault(cluster, name, cause)) for name, cause in faults]


async def _measure_fault(cluster: ServeCluster, name: str, cause: Callable[[], None]) -> Fault:
    responses: Counter[str] = Counter()
    times: list[float] = []
    done = asyncio.Event()
    port = int(cluster.url.rpartition(":")[2])

    async def send_requests() -> None:
        async with Connection(port) as connection:
            place = 0
            while not done.is_set():
                drawing = draw_digits()[place % 10]
                sent = perf_counter()
                response = await connection.send(encode_request("/api/predict", drawing.body))
                times.append(1000 * (perf_counter() - sent))
                responses[_classify(response, drawing)] += 1
                place += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(_CONNECTIONS):
            group.create_task(send_requests())
        await asyncio.sleep(_MARGIN_SECONDS)
        start = perf_counter()
        await asyncio.to_thread(cause)
        recovery = perf_counter() - start
        await asyncio.sleep(_MARGIN_SECONDS)
        done.set()
    return Fault(name, dict(responses), recovery, max(times))


def _classify(response: Response, drawing: Drawing) -> str:
    if response.status == 200:
        return "correct" if json.loads(response.body)["text"] == drawing.text else "wrong"
    if response.status == 503 and "retry-after" in response.headers:
        return "503"
    return str(response.status) if response.status else "closed"


def _kill(cluster: ServeCluster) -> None:
    busiest = max(cluster.replicas(), key=lambda replica: sum(replica.cpu_times()[:2]))
    busiest.kill()
    cluster.wait_until_gone({busiest.pid})
    cluster.wait_until_ready(replicas=REPLICAS)


def _roll_out(cluster: ServeCluster) -> None:
    old = {replica.pid for replica in cluster.replicas()}
    cluster.deploy(replicas=REPLICAS, max_concurrency=63)
    cluster.wait_until_gone(old)
    cluster.wait_until_ready(replicas=REPLICAS)


def _lose_node(cluster: ServeCluster) -> None:
    cluster.remove_node()
    cluster.wait_until_ready(replicas=REPLICAS)
