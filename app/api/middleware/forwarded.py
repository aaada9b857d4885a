"""The path prefix under which a reverse proxy serves the app."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.settings import PATH_PREFIX


def find_path(scope: Scope) -> str:
    """Return the path of a request without the prefix."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "")) or "/"


class ForwardedPrefix:
    """Adds the prefix to the path of a request, unless it is there.

    It is the X-Forwarded-Prefix of a trusted proxy, or that of the settings.
    """

    def __init__(self, app: ASGIApp, *, root_path: str, trusted: str) -> None:
        """Wrap `app`; `trusted` are the addresses of proxies, separated by commas, or *."""
        self._app, self._root_path = app, root_path
        # Only for its parsing of the addresses; the middleware itself runs inside of this one.
        self._trusted = ProxyHeadersMiddleware(app, trusted).trusted_hosts  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and (prefix := self._find_prefix(scope)):
            scope = {**scope, "root_path": prefix}
            if not f"{scope['path']}/".startswith(f"{prefix}/"):
                scope["path"] = prefix + scope["path"]
                scope["raw_path"] = prefix.encode() + scope["raw_path"]
        await self._app(scope, receive, send)

    def _find_prefix(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope["client"] else None
        given = Headers(scope=scope).get("x-forwarded-prefix", "").rstrip("/")
        is_trusted = peer in self._trusted and PATH_PREFIX.fullmatch(given)
        return given if is_trusted else self._root_path
