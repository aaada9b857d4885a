"""Load shedding and body limits: how many requests do work at once, and how large their bodies may be.

FastAPI's `max_body_size` responds in plain text, and neither it nor Uvicorn limits the time of a body.
Uvicorn's `limit_concurrency` counts idle connections, and its response has no Retry-After.
"""

import asyncio
from collections import Counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import BUSY
from app.api.metrics import Counters
from app.api.middleware.access import identify_client
from app.api.middleware.refusal import refuse

_BODY_SECONDS = 20.0
_MAX_HELD_BODIES = 8  # unfinished bodies are held up to so many times the largest size
# Before a 503: clients that repeat a refused request at once would take the processor from the admitted ones.
_BUSY_SECONDS = 0.25
_WITHOUT_WORK = ("GET", "HEAD", "OPTIONS")


class _RefusedError(Exception):
    """The request is refused with a status and a message; `is_complete` if its whole body was received."""

    def __init__(self, status: int, message: str, *, is_complete: bool = False) -> None:
        self.status, self.message, self.is_complete = status, message, is_complete


class RequestLimits:
    """Passes a request on once its body is complete and fewer than `max_concurrency` others are in flight.

    A request whose body is not complete is not in flight, so slow clients do not take places from others.
    """

    def __init__(self, app: ASGIApp, *, max_concurrency: int, max_bytes: int, counters: Counters) -> None:
        self._app = app
        self._max_concurrency = max_concurrency
        self._max_bytes = max_bytes
        self._counters = counters
        self._in_flight = 0
        self._held = Counter[str]()  # bytes of unfinished bodies, by client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_WORK:
            await self._app(scope, receive, send)
            return
        try:
            self._check_load(is_complete=False)
            body = await self._receive_body(scope, receive)
            self._check_load(is_complete=True)
        except _RefusedError as error:
            connection = scope, _replay(b"", receive) if error.is_complete else receive, send
            code = "busy" if error.status == 503 else None
            if code:
                body = None  # its memory is not held during the wait
                await asyncio.sleep(_BUSY_SECONDS)
            headers = {"Connection": "close"} if error.status == 408 else None
            await refuse(
                connection, error.status, error.message, code=code, headers=headers, counters=self._counters
            )
            return
        if body is None:
            return
        self._in_flight += 1
        try:
            await self._app(scope, _replay(body, receive), send)
        finally:
            self._in_flight -= 1

    def _check_load(self, *, is_complete: bool) -> None:
        if self._in_flight >= self._max_concurrency:
            raise _RefusedError(503, BUSY, is_complete=is_complete)

    async def _receive_body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Receive the body; return None when the client has disconnected."""
        too_large = f"the body has more than the {self._max_bytes:,} bytes allowed"
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > self._max_bytes:
            raise _RefusedError(413, too_large)
        chunks: list[bytes] = []
        size, held, more, client = 0, 0, True, ""
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunks.append(message.get("body", b""))
                    more = message.get("more_body", False)
                    size += len(chunks[-1])
                    if size > self._max_bytes:  # a chunked body declares no length
                        raise _RefusedError(413, too_large, is_complete=not more)
                    if more:
                        client = client or identify_client(scope)
                        held += len(chunks[-1])
                        self._hold(client, len(chunks[-1]))
        except TimeoutError:
            raise _RefusedError(408, f"the body did not arrive within {_BODY_SECONDS:.0f} seconds") from None
        finally:
            if held:
                self._held -= Counter({client: held})  # also removes clients that hold nothing
        return b"".join(chunks)

    def _hold(self, client: str, size: int) -> None:
        """Count bytes; raise _RefusedError if all clients hold too much, and this one more than its share."""
        self._held[client] += size
        limit = _MAX_HELD_BODIES * self._max_bytes
        if self._held.total() > limit and self._held[client] > limit / len(self._held):
            raise _RefusedError(503, BUSY)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that returns the whole body first."""
    is_first = True

    async def receive_whole() -> Message:
        nonlocal is_first
        if not is_first:
            return await receive()
        is_first = False
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_whole
