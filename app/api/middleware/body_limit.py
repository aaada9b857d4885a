"""Reads the whole body of a request before anything else is done with it, within limits.

FastAPI has `max_body_size`, but it answers in plain text, and neither it nor Uvicorn limits the time.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.counters import Counters
from app.api.errors import BUSY
from app.api.middleware.refusal import refuse

_SECONDS = 20.0  # for one body: what a client that dribbles has sent is held no longer
_LARGEST_AT_ONCE = 8  # bodies of the largest size: so much is held of those that are not yet whole
_WITHOUT_BODY = ("GET", "HEAD")


class _TooLargeError(Exception):
    """The body has more bytes than allowed. What is left of it has not been read."""


class _TooManyError(Exception):
    """All bodies that are not yet whole have more bytes than are held."""


class WholeBody:
    """Hands on a request once its body is whole; refuses one that is too large or too slow."""

    def __init__(self, app: ASGIApp, *, max_bytes: int, counters: Counters) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._counters = counters
        self._held = 0  # bytes of all bodies that are not yet whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        receive_body = _end(receive)
        connection = (scope, receive_body, send)
        try:
            body = await self._read(Headers(scope=scope), receive_body)
        except _TooLargeError:
            message = f"the body has more than the {self._max_bytes:,} bytes allowed"
            await refuse(connection, 413, message, counters=self._counters)
        except _TooManyError:
            await refuse(connection, 503, BUSY, code="busy", counters=self._counters)
        except TimeoutError:
            message = f"the body did not arrive within {_SECONDS:.0f} seconds"
            await refuse(connection, 408, message, headers={"Connection": "close"}, counters=self._counters)
        else:
            if body is not None:
                await self._app(scope, _give(body, receive), send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        """Receive the body; None when the client hung up instead, and nobody waits for an answer."""
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._max_bytes:
            raise _TooLargeError
        chunks: list[bytes] = []
        size, more = 0, True
        try:
            async with asyncio.timeout(_SECONDS):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunks.append(message.get("body", b""))
                    more = message.get("more_body", False)
                    size += len(chunks[-1])
                    self._held += len(chunks[-1])
                    if size > self._max_bytes:  # a chunked body declares no length
                        raise _TooLargeError
                    if self._held > _LARGEST_AT_ONCE * self._max_bytes:
                        raise _TooManyError
        finally:
            self._held -= size
        return b"".join(chunks)


def _end(receive: Receive) -> Receive:
    """Return a `receive` that does not wait for the client to hang up once its body is whole."""
    more = True

    async def receive_body() -> Message:
        nonlocal more
        if not more:
            return {"type": "http.request", "body": b"", "more_body": False}
        message = await receive()
        more = message.get("more_body", False)
        return message

    return receive_body


def _give(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the whole body, and then what else comes."""
    given = False

    async def receive_whole() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_whole
