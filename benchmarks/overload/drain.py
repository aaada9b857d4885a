"""Responses and readiness of a busy server after SIGTERM."""

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from benchmarks.client import Connection, encode_request
from benchmarks.overload.flood import flood
from benchmarks.servers import Server

_BEFORE_SECONDS = 2.0
_AFTER_SECONDS = 6.0
_POLL_SECONDS = 0.01
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Drain:
    """How a server stopped, in seconds after SIGTERM.

    Attributes:
        exit_code: of the process; None when it did not end.
        seconds: until the process ended.
        not_ready: until the status of `/health/ready` was not 200.
        readiness: that status; 0 without a connection.
        before: responses to requests sent before SIGTERM, by status; 0 without a response.
        after: responses to requests sent after it.
    """

    exit_code: int | None
    seconds: float
    not_ready: float
    readiness: int
    before: dict[int, int]
    after: dict[int, int]


async def drain(server: Server, requests: Sequence[bytes], *, rate: float, connections: int) -> Drain:
    """Send requests at a constant rate, with SIGTERM after two seconds."""
    seconds = _BEFORE_SECONDS + _AFTER_SECONDS
    flooding = asyncio.create_task(
        flood(server.port, requests, rate=rate, seconds=seconds, connections=connections)
    )
    await asyncio.sleep(_BEFORE_SECONDS)
    signalled = perf_counter()
    server.process.send_signal(signal.SIGTERM)
    watching = asyncio.create_task(_watch_readiness(server.port, signalled))
    while server.process.poll() is None and perf_counter() < signalled + _TIMEOUT_SECONDS:
        await asyncio.sleep(_POLL_SECONDS)
    ended = perf_counter() - signalled
    not_ready, readiness = await watching
    result = await flooding
    before = Counter(
        status for sent, status in zip(result.sent, result.statuses, strict=True) if sent < signalled
    )
    after = Counter(result.statuses) - before
    return Drain(server.process.poll(), ended, not_ready, readiness, dict(before), dict(after))


async def _watch_readiness(port: int, signalled: float) -> tuple[float, int]:
    request = encode_request("/health/ready", method="GET")
    while True:
        try:
            async with Connection(port) as connection:
                status = (await connection.send(request)).status
        except OSError:
            status = 0
        if status != 200:
            return perf_counter() - signalled, status
        await asyncio.sleep(_POLL_SECONDS)
