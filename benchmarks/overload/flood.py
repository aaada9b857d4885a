"""Sends requests at a given rate whether or not the server keeps up, or one after the other."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from benchmarks.client import Answer, Connection

_TICK_SECONDS = 0.001
_PATIENCE_SECONDS = 10.0  # for the last answers


@dataclass
class Flood:
    """What came of many requests.

    Attributes:
        sent: when each was sent, by `perf_counter`.
        milliseconds: from then to its answer.
        statuses: of its answer; 0 when the server hung up.
        without_retry_after: how many 503 did not say when to come back.
        unsent: requests that were due while every connection was waiting.
        late: milliseconds by which requests were sent later than they were due.
    """

    sent: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    without_retry_after: int = 0
    unsent: int = 0
    late: list[float] = field(default_factory=list)

    def note(self, sent: float, answer: Answer) -> None:
        """Note an answer that came just now."""
        self.sent.append(sent)
        self.milliseconds.append(1000 * (perf_counter() - sent))
        self.statuses.append(answer.status)
        self.without_retry_after += answer.status == 503 and "retry-after" not in answer.headers

    def count(self) -> dict[int, int]:
        """How often each status came."""
        return dict(sorted(Counter(self.statuses).items()))

    def percentile(self, percent: float, *, status: int = 200) -> float:
        """Milliseconds within which so many answers of a status came; NaN without any."""
        chosen = [time for time, each in zip(self.milliseconds, self.statuses, strict=True) if each == status]
        return float(np.percentile(chosen, percent)) if chosen else float("nan")


async def flood(
    port: int, requests: Sequence[bytes], *, rate: float, seconds: float, connections: int
) -> Flood:
    """Send `rate` requests a second for some seconds, over connections that are open beforehand."""
    async with asyncio.TaskGroup() as group:
        sender = _Sender(requests, group)
        await sender.open(port, connections)
        began, due = perf_counter(), 0
        while (now := perf_counter()) < began + seconds:
            while due < rate * (now - began):
                sender.send(due, late=now - began - due / rate)
                due += 1
            await asyncio.sleep(_TICK_SECONDS)
        await sender.finish(due)
    return sender.result


async def ask_in_turn(port: int, requests: Sequence[bytes], *, seconds: float, connections: int = 1) -> Flood:
    """Send the next request on each connection when it has the answer to the one before."""
    result = Flood()

    async def send(first: int) -> None:
        async with Connection(port) as connection:
            place, end = first, perf_counter() + seconds
            while perf_counter() < end:
                sent = perf_counter()
                result.note(sent, await connection.ask(requests[place % len(requests)]))
                place += 1

    await asyncio.gather(*(send(first) for first in range(connections)))
    return result


class _Sender:
    """Sends requests over whatever connection is idle."""

    def __init__(self, requests: Sequence[bytes], group: asyncio.TaskGroup) -> None:
        self.result = Flood()
        self._requests = requests
        self._group = group
        self._idle: deque[Connection] = deque()

    async def open(self, port: int, connections: int) -> None:
        """Open all connections."""
        for _ in range(connections):
            connection = Connection(port)
            await connection.open()
            self._idle.append(connection)

    def send(self, number: int, *, late: float) -> None:
        """Send a request that is `late` seconds late, if a connection is idle."""
        while self._idle and not self._idle[0].is_open:  # the server has closed it
            self._group.create_task(self._reopen(self._idle.popleft()))
        if not self._idle:
            self.result.unsent += 1
            return
        self.result.late.append(1000 * late)
        connection, sent = self._idle.popleft(), perf_counter()
        answer = connection.expect_answer()
        connection.write(self._requests[number % len(self._requests)])

        def settle(done: asyncio.Future[Answer]) -> None:
            self.result.note(sent, done.result())
            self._idle.append(connection)

        answer.add_done_callback(settle)

    async def finish(self, due: int) -> None:
        """Wait for the last answers, then hang up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while len(self.result.sent) + self.result.unsent < due:
                    await asyncio.sleep(_TICK_SECONDS)
        for connection in self._idle:
            connection.close()

    async def _reopen(self, connection: Connection) -> None:
        with suppress(OSError):  # the server is gone: one connection less
            await connection.open()
            self._idle.append(connection)
