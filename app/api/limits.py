"""The limit of a request's body, as ASGI middleware.

FastAPI has `max_body_size`, but it answers a declared length that is too large in plain text, past the error
handlers.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLargeError(HTTPException):
    """The body has more bytes than allowed. What is left of it has not been read.

    An HTTPException, so that the mounted page, an application of its own, answers 413 to it as well.
    """


class BodyLimit:
    """Raises BodyTooLargeError in a route, also of the page, that reads more than `max_bytes` of body."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        declared, received = int(length) if length.isdecimal() else 0, 0

        async def receive_within_limit() -> Message:
            nonlocal received
            self._check(declared)  # here, not sooner, so that it is raised where errors are answered
            message = await receive()
            received += len(message.get("body", b""))  # a chunked body declares no length
            self._check(received)
            return message

        await self._app(scope, receive_within_limit, send)

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise BodyTooLargeError(413, f"the body has more than the {self._max_bytes:,} bytes allowed")
