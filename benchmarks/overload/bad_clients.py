"""Slow, silent and aborting clients: what the server keeps for them, and the latency of another client."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter

import psutil

from benchmarks.client import Connection
from benchmarks.overload.flood import send_in_turn
from benchmarks.servers import Server, resident_megabytes

KINDS = ("slow body", "slow headers", "silent")
_CLIENTS = 100
_STEP_SECONDS = 0.5  # between two bytes
_SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Resources:
    """Resources of a server at one moment.

    Attributes:
        megabytes: resident memory.
        files: open files and connections.
        threads: number of threads.
    """

    megabytes: float
    files: int
    threads: int


@dataclass(frozen=True)
class BadClients:
    """The effect of bad clients on a server.

    Attributes:
        kind: what the clients do.
        before: resources of the server before them.
        during: while all are connected.
        after: a second after they are gone.
        others_p99: milliseconds, latency of another client at the same time.
        closed: connections that the server closed, by the status of its response; 0 without a response.
        seconds: until it closed the last of them; NaN without any.
    """

    kind: str
    before: Resources
    during: Resources
    after: Resources
    others_p99: float
    closed: dict[int, int]
    seconds: float


def measure_resources(server: Server) -> Resources:
    """Measure the server's resources."""
    process = psutil.Process(server.process.pid)
    return Resources(resident_megabytes(process), process.num_fds(), process.num_threads())


async def send_slowly(server: Server, requests: Sequence[bytes], *, kind: str, seconds: float) -> BadClients:
    """Keep many connections open with few bytes or none, as one of `KINDS`."""
    before, start = measure_resources(server), perf_counter()
    connections = [Connection(server.port) for _ in range(_CLIENTS)]
    clients = [asyncio.create_task(_send_slowly(each, requests[0], kind)) for each in connections]
    other = asyncio.create_task(send_in_turn(server.port, requests, seconds=seconds))
    await asyncio.sleep(seconds / 4)
    during = measure_resources(server)
    done, waiting = await asyncio.wait(clients, timeout=start + seconds - perf_counter())
    others = await other
    for client in waiting:
        client.cancel()
    for connection in connections:
        connection.close()
    await asyncio.sleep(_SETTLE_SECONDS)
    ends = [client.result() for client in done]
    return BadClients(
        kind,
        before,
        during,
        measure_resources(server),
        others.percentile(99),
        dict(Counter(status for status, _ in ends)),
        max((moment - start for _, moment in ends), default=float("nan")),
    )


async def abort(server: Server, requests: Sequence[bytes], *, whole: bool, seconds: float) -> BadClients:
    """Send requests, `whole` or half of each, and close the connections before the responses, repeatedly."""
    before = measure_resources(server)
    other = asyncio.create_task(send_in_turn(server.port, requests, seconds=seconds))
    end, during = perf_counter() + seconds, before
    while perf_counter() < end:
        connections = [Connection(server.port) for _ in range(_CLIENTS)]
        await asyncio.gather(*(each.open() for each in connections))
        for connection, request in zip(connections, cycle(requests), strict=False):
            connection.write(request if whole else request[: len(request) // 2])
        await asyncio.sleep(_SETTLE_SECONDS / 10)
        during = measure_resources(server)
        for connection in connections:
            connection.close()
    others = await other
    await asyncio.sleep(_SETTLE_SECONDS)
    kind = f"closed after {'a whole' if whole else 'half a'} request"
    return BadClients(
        kind, before, during, measure_resources(server), others.percentile(99), {}, float("nan")
    )


async def _send_slowly(connection: Connection, request: bytes, kind: str) -> tuple[int, float]:
    """Send a request slowly and never completely; return status and time when the server closes it."""
    await connection.open()
    response = connection.expect_response()
    body = request.index(b"\r\n\r\n") + 4
    sent = {"slow body": body, "slow headers": body // 2, "silent": 0}[kind]
    connection.write(request[:sent])
    while not response.done():
        await asyncio.wait({response}, timeout=_STEP_SECONDS)
        if kind != "silent" and connection.is_open and sent < len(request) - 1:
            connection.write(b"x" if kind == "slow headers" else request[sent : sent + 1])
            sent += 1
    return response.result().status, perf_counter()
