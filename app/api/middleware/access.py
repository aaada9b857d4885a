"""API key and rate limit. Both apply to every route that is not open.

The open routes are those that the page, health checks and the documentation need. The page needs no key: set
DIGITS_UI=0 where reading must require one.
"""

import ipaddress
import math
import secrets
from time import time

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.metrics import Counters
from app.api.middleware.forwarded import find_path
from app.api.middleware.refusal import refuse

# The page's components call their own functions here. Gradio's other routes that call functions (run, call,
# api, queue) accept the number of any function in their body, so each of them would open all functions.
_OPEN_TO_POST = "/gradio_api/component_server/"
_OPEN_TO_GET = {
    *("/", "/favicon.ico", "/robots.txt", "/service_worker.js", "/theme.css"),  # the page
    *("/docs", "/docs/oauth2-redirect", "/openapi.json"),
    *("/health/live", "/health/ready", "/v2", "/v2/health/live", "/v2/health/ready"),
}
_OPEN_FOLDERS = ("/assets/", "/static/", "/static-offline-docs/", "/ui/")
_IPV6_NETWORK_BITS = 64  # one customer has at least so many addresses


def is_open(scope: Scope) -> bool:
    """Return whether a request needs no key and is not rate-limited."""
    if scope["type"] != "http":
        return True
    path = find_path(scope)
    if scope["method"] in ("GET", "HEAD"):
        return path in _OPEN_TO_GET or path.startswith(_OPEN_FOLDERS)
    return scope["method"] == "POST" and path == _OPEN_TO_POST


def identify_client(scope: Scope) -> str:
    """Return the client's IPv4 address or IPv6 network, within which a client chooses its address freely."""
    host = str((scope["client"] or ("unknown",))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _IPV6_NETWORK_BITS), strict=False))


class Access:
    """Refuses requests without the key, and those of a client beyond the rate limit."""

    def __init__(
        self, app: ASGIApp, *, api_key: str | None, rate_limit: RateLimitItem | None, counters: Counters
    ) -> None:
        self._app = app
        self._key = api_key.encode() if api_key else None
        self._limit = rate_limit
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        connection = (scope, receive, send)
        if is_open(scope):
            await self._app(*connection)
        elif not self._has_key(Headers(scope=scope)):
            message = "send the API key as Authorization: Bearer KEY, or as X-API-Key: KEY"
            headers = {"WWW-Authenticate": "Bearer"}
            await refuse(connection, 401, message, headers=headers, counters=self._counters)
        elif seconds := await self._find_wait(identify_client(scope)):
            message, headers = f"more than {self._limit} from one client", {"Retry-After": str(seconds)}
            await refuse(connection, 429, message, headers=headers, counters=self._counters)
        else:
            await self._app(*connection)

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = [headers.get("x-api-key", ""), token if scheme.lower() == "bearer" else ""]
        return self._key is None or any(
            secrets.compare_digest(key.strip().encode(), self._key) for key in given
        )

    async def _find_wait(self, client: str) -> int:
        """Count a request; return the seconds that its client must wait, 0 within the limit."""
        if self._limit is None or await self._limiter.hit(self._limit, client):
            return 0
        reset_time = (await self._limiter.get_window_stats(self._limit, client)).reset_time
        return max(1, math.ceil(reset_time - time()))
