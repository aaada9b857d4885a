"""Send requests at a constant rate, or the next request after each response."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from benchmarks.client import Connection, Response

_TICK_SECONDS = 0.001
_TIMEOUT_SECONDS = 10.0  # for the last responses


@dataclass
class Flood:
    """Responses to many requests.

    Attributes:
        sent: time of each request, by `perf_counter`.
        milliseconds: from then to its response.
        statuses: of the responses; 0 when the server closed the connection.
        without_retry_after: number of 503 without Retry-After.
        unsent: requests that were due when no connection was idle.
        late: milliseconds between the due time and the sending of each request.
    """

    sent: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    without_retry_after: int = 0
    unsent: int = 0
    late: list[float] = field(default_factory=list)

    def add(self, sent: float, response: Response) -> None:
        """Add a response that was received just now."""
        self.sent.append(sent)
        self.milliseconds.append(1000 * (perf_counter() - sent))
        self.statuses.append(response.status)
        self.without_retry_after += response.status == 503 and "retry-after" not in response.headers

    def count(self) -> dict[int, int]:
        """Return the number of responses of each status."""
        return dict(sorted(Counter(self.statuses).items()))

    def percentile(self, percent: float, *, status: int = 200) -> float:
        """Return a percentile of the latency of responses with a status, in milliseconds; NaN without any."""
        chosen = [time for time, each in zip(self.milliseconds, self.statuses, strict=True) if each == status]
        return float(np.percentile(chosen, percent)) if chosen else float("nan")


async def flood(
    port: int, requests: Sequence[bytes], *, rate: float, seconds: float, connections: int
) -> Flood:
    """Send `rate` requests a second, on connections that are opened before."""
    async with asyncio.TaskGroup() as group:
        sender = _Sender(requests, group)
        await sender.open(port, connections)
        start, due = perf_counter(), 0
        while (now := perf_counter()) < start + seconds:
            while due < rate * (now - start):
                sender.send(due, late=now - start - due / rate)
                due += 1
            await asyncio.sleep(_TICK_SECONDS)
        await sender.finish(due)
    return sender.result


async def send_in_turn(
    port: int, requests: Sequence[bytes], *, seconds: float, connections: int = 1
) -> Flood:
    """Send the next request on each connection after each response."""
    result = Flood()

    async def send(first: int) -> None:
        async with Connection(port) as connection:
            place, end = first, perf_counter() + seconds
            while perf_counter() < end:
                sent = perf_counter()
                result.add(sent, await connection.send(requests[place % len(requests)]))
                place += 1

    await asyncio.gather(*(send(first) for first in range(connections)))
    return result


class _Sender:
    """Sends requests on idle connections."""

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
        response = connection.expect_response()
        connection.write(self._requests[number % len(self._requests)])

        def finish(done: asyncio.Future[Response]) -> None:
            self.result.add(sent, done.result())
            self._idle.append(connection)

        response.add_done_callback(finish)

    async def finish(self, due: int) -> None:
        """Wait for the last responses, and close the connections."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                while len(self.result.sent) + self.result.unsent < due:
                    await asyncio.sleep(_TICK_SECONDS)
        for connection in self._idle:
            connection.close()

    async def _reopen(self, connection: Connection) -> None:
        with suppress(OSError):  # the server has ended
            await connection.open()
            self._idle.append(connection)
