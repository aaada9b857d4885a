"""What a reverse proxy says of a request: its client, https, and the path under which it serves the app."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.settings import PATH_PREFIX


def find_path(scope: Scope) -> str:
    """Return the path of a request without the prefix."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


class Forwarded(ProxyHeadersMiddleware):
    """Adds the prefix to what Uvicorn takes from the headers of a trusted proxy.

    The prefix is X-Forwarded-Prefix of a trusted proxy, or that of the settings. Requests may come with it or
    without it, as a proxy that removes it sends them.
    """

    def __init__(self, app: ASGIApp, *, root_path: str, trusted: str) -> None:
        """Wrap `app`; `trusted` are the addresses of proxies, separated by commas, or *."""
        super().__init__(app, trusted)  # type: ignore[arg-type]
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Serve one connection."""
        if scope["type"] == "http" and (prefix := self._find_prefix(scope)):
            scope = {**scope, "root_path": prefix}
            if not f"{scope['path']}/".startswith(f"{prefix}/"):
                scope["path"] = prefix + scope["path"]
                scope["raw_path"] = prefix.encode() + scope["raw_path"]
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]

    def _find_prefix(self, scope: Scope) -> str:
        peer = scope["client"][0] if scope["client"] else None
        given = Headers(scope=scope).get("x-forwarded-prefix", "").rstrip("/")
        is_trusted = peer in self.trusted_hosts and PATH_PREFIX.fullmatch(given)
        return given if is_trusted else self._root_path
