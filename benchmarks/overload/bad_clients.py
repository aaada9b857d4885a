"""What clients that dribble, keep silent or hang up take from a server and from its other clients."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter

import psutil

from benchmarks.client import Connection
from benchmarks.overload.flood import ask_in_turn
from benchmarks.servers import Server, resident_megabytes

KINDS = ("dribbled body", "dribbled head", "silence")
_CLIENTS = 100
_STEP_SECONDS = 0.5  # from one byte to the next
_SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Held:
    """What a server has at one moment.

    Attributes:
        megabytes: resident memory.
        files: open files, connections included.
        threads: of the process.
    """

    megabytes: float
    files: int
    threads: int


@dataclass(frozen=True)
class Bad:
    """What bad clients did to a server.

    Attributes:
        kind: what they did.
        before: what the server held before them.
        during: what it held once they were all there.
        after: what it held a second after they had gone.
        others_p99: milliseconds, of a client that asked in turn meanwhile.
        ended: how many the server ended by itself, by the status that it gave them; 0 is none.
        seconds: until it had ended the last of those; NaN if none.
    """

    kind: str
    before: Held
    during: Held
    after: Held
    others_p99: float
    ended: dict[int, int]
    seconds: float


def measure_held(server: Server) -> Held:
    """What the server holds now."""
    process = psutil.Process(server.process.pid)
    return Held(resident_megabytes(process), process.num_fds(), process.num_threads())


async def dribble(server: Server, requests: Sequence[bytes], *, kind: str, seconds: float) -> Bad:
    """Keep many connections busy with next to nothing, as one of `KINDS`."""
    before, began = measure_held(server), perf_counter()
    connections = [Connection(server.port) for _ in range(_CLIENTS)]
    clients = [asyncio.create_task(_dribble(each, requests[0], kind)) for each in connections]
    meanwhile = asyncio.create_task(ask_in_turn(server.port, requests, seconds=seconds))
    await asyncio.sleep(seconds / 4)
    during = measure_held(server)
    done, waiting = await asyncio.wait(clients, timeout=began + seconds - perf_counter())
    others = await meanwhile
    for client in waiting:
        client.cancel()
    for connection in connections:
        connection.close()
    await asyncio.sleep(_SETTLE_SECONDS)
    ends = [client.result() for client in done]
    return Bad(
        kind,
        before,
        during,
        measure_held(server),
        others.percentile(99),
        dict(Counter(status for status, _ in ends)),
        max((moment - began for _, moment in ends), default=float("nan")),
    )


async def hang_up(server: Server, requests: Sequence[bytes], *, whole: bool, seconds: float) -> Bad:
    """Send requests, `whole` or half of each, and hang up before any answer, again and again."""
    before = measure_held(server)
    meanwhile = asyncio.create_task(ask_in_turn(server.port, requests, seconds=seconds))
    end, during = perf_counter() + seconds, before
    while perf_counter() < end:
        connections = [Connection(server.port) for _ in range(_CLIENTS)]
        await asyncio.gather(*(each.open() for each in connections))
        for connection, request in zip(connections, cycle(requests), strict=False):
            connection.write(request if whole else request[: len(request) // 2])
        await asyncio.sleep(_SETTLE_SECONDS / 10)
        during = measure_held(server)
        for connection in connections:
            connection.close()
    others = await meanwhile
    await asyncio.sleep(_SETTLE_SECONDS)
    kind = f"hung up after {'a whole' if whole else 'half a'} request"
    return Bad(kind, before, during, measure_held(server), others.percentile(99), {}, float("nan"))


async def _dribble(connection: Connection, request: bytes, kind: str) -> tuple[int, float]:
    """Send ever less of a request than is needed; the status when the server ends it, and the moment."""
    await connection.open()
    answer = connection.expect_answer()
    body = request.index(b"\r\n\r\n") + 4
    given = {"dribbled body": body, "dribbled head": body // 2, "silence": 0}[kind]
    connection.write(request[:given])
    while not answer.done():
        await asyncio.wait({answer}, timeout=_STEP_SECONDS)
        if kind != "silence" and connection.is_open and given < len(request) - 1:
            connection.write(b"x" if kind == "dribbled head" else request[given : given + 1])
            given += 1
    return answer.result().status, perf_counter()
