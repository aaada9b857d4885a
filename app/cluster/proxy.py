"""Middleware of Serve's proxies: errors without a replica in the format of the API.

A proxy reads RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH when it starts.
"""

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import BUSY
from app.api.middleware import REQUEST_ID
from app.api.middleware.refusal import make_refusal
from app.api.middleware.security_headers import SecurityHeaders

_SERVE_PATHS = "/-/"  # prefix of paths of the proxy itself
_REQUEST_ID = REQUEST_ID.lower().encode()


def make_middlewares() -> list[Middleware]:
    """Return the middlewares. Each proxy calls this when it starts."""
    return [Middleware(Refusals)]


class Refusals:
    """Returns 503 for a request that Serve drops, or whose replica dies: clients can send it again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"].startswith(_SERVE_PATHS):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        responded = False

        async def send_late(message: Message) -> None:
            """Hold the start back until there is a body: a replica may die between the two."""
            nonlocal start, responded
            if message["type"] == "http.response.start":
                start = message
            elif start is not None and not _is_refusal(start):
                if not responded:
                    await send({**start, "headers": _deduplicate_id(start["headers"])})
                responded = True
                await send(message)

        await self._app(scope, receive, send_late)
        if not responded:
            headers = {REQUEST_ID: Headers(scope=scope).get(REQUEST_ID, "")}
            response = make_refusal(scope, 503, BUSY, code="busy", headers=headers)
            await SecurityHeaders(response)(scope, receive, send)


def _is_refusal(start: Message) -> bool:
    """Return whether a response is Serve's own: a full queue (503) or a timeout (408)."""
    content_type = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] in (408, 503) and content_type.startswith("text/plain")


def _deduplicate_id(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Remove the request id that Serve adds after the replica's own."""
    ids = [header for header in headers if header[0].lower() == _REQUEST_ID]
    return [header for header in headers if header not in ids] + ids[:1]
