"""What Serve's proxies answer when no replica does, in the shape of the API's errors.

A proxy reads where to find it from RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH when it starts.
"""

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import BUSY
from app.api.middleware import REQUEST_ID
from app.api.middleware.refusal import make_refusal
from app.api.middleware.security_headers import SecurityHeaders

_OF_SERVE = "/-/"  # paths that the proxy answers itself
_REQUEST_ID = REQUEST_ID.lower().encode()


def make_middlewares() -> list[Middleware]:
    """Called by each proxy when it starts."""
    return [Middleware(Refusals)]


class Refusals:
    """Answers 503 where Serve gives up a request, or says 500 because a replica died with it.

    Reading changes nothing, so whoever asked may ask again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"].startswith(_OF_SERVE):
            await self._app(scope, receive, send)
            return
        head: Message | None = None
        answered = False

        async def send_whole(message: Message) -> None:
            """Hold the head back until there is a body: a replica may die between the two."""
            nonlocal head, answered
            if message["type"] == "http.response.start":
                head = message
            elif head is not None and not _is_refusal(head):
                if not answered:
                    await send({**head, "headers": _name_once(head["headers"])})
                answered = True
                await send(message)

        await self._app(scope, receive, send_whole)
        if not answered:
            headers = {REQUEST_ID: Headers(scope=scope).get(REQUEST_ID, "")}
            answer = make_refusal(scope["path"], 503, BUSY, code="busy", headers=headers)
            await SecurityHeaders(answer)(scope, receive, send)


def _is_refusal(start: Message) -> bool:
    """Say whether an answer is Serve's own: too many wait (503), or the time is up (408)."""
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] in (408, 503) and kind.startswith("text/plain")


def _name_once(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Leave out the request's id that Serve adds to the replica's own, which comes first."""
    ids = [header for header in headers if header[0].lower() == _REQUEST_ID]
    return [header for header in headers if header not in ids] + ids[:1]
