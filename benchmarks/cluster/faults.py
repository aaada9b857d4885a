"""Replicas killed, a new version rolled out and a node lost while requests come: what each request got."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from benchmarks.client import Answer, Connection, encode_request
from benchmarks.drawings import Drawing, draw_digits
from benchmarks.servers import clean_environment
from tests.app.serve_cluster import ServeCluster, run_cluster

REPLICAS = 2
_CONNECTIONS = 8
_CALM_SECONDS = 2.0  # of load before and after each fault


@dataclass(frozen=True)
class Fault:
    """What one fault cost.

    Attributes:
        name: of the fault.
        answers: how many were right, refused with 503 and Retry-After, wrong, broken off, or something else.
        recovery_seconds: until there were as many replicas as before.
        slowest_milliseconds: of all answers.
    """

    name: str
    answers: dict[str, int]
    recovery_seconds: float
    slowest_milliseconds: float


def suffer(*, haproxy: bool, kills: int) -> list[Fault]:
    """Let all faults happen, one after the other, to a cluster of two nodes and two replicas."""
    with run_cluster(clean_environment(), haproxy=haproxy) as cluster:
        cluster.deploy(replicas=REPLICAS)
        cluster.wait_until_ready(replicas=REPLICAS)
        faults = [("replica killed", lambda: _kill(cluster))] * kills
        faults += [("new version", lambda: _roll_out(cluster)), ("node lost", lambda: _lose_node(cluster))]
        return [asyncio.run(_suffer(cluster, name, cause)) for name, cause in faults]


async def _suffer(cluster: ServeCluster, name: str, cause: Callable[[], None]) -> Fault:
    answers: Counter[str] = Counter()
    times: list[float] = []
    enough = asyncio.Event()
    port = int(cluster.url.rpartition(":")[2])

    async def ask_on() -> None:
        async with Connection(port) as connection:
            place = 0
            while not enough.is_set():
                drawing = draw_digits()[place % 10]
                sent = perf_counter()
                answer = await connection.ask(encode_request("/api/predict", drawing.body))
                times.append(1000 * (perf_counter() - sent))
                answers[_judge(answer, drawing)] += 1
                place += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(_CONNECTIONS):
            group.create_task(ask_on())
        await asyncio.sleep(_CALM_SECONDS)
        began = perf_counter()
        await asyncio.to_thread(cause)
        recovery = perf_counter() - began
        await asyncio.sleep(_CALM_SECONDS)
        enough.set()
    return Fault(name, dict(answers), recovery, max(times))


def _judge(answer: Answer, drawing: Drawing) -> str:
    if answer.status == 200:
        return "right" if json.loads(answer.body)["text"] == drawing.text else "wrong"
    if answer.status == 503 and "retry-after" in answer.headers:
        return "503"
    return str(answer.status) if answer.status else "broken off"


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
