"""API key and rate limit. Both apply to every route that is not open.

The open routes are those that the page, health checks and the documentation need. The page needs no key: set
DIGITS_UI=0 where nobody may read without one.
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
from app.api.middleware.refusal import refuse

# The page's components call their own functions here. Gradio's other routes that call functions (run, call,
# api, queue) accept the number of any function in their body, so each of them would open all functions.
_OPEN_TO_POST = "/gradio_api/component_server/"
_OPEN_TO_GET = frozenset(
    (
        "/",
        "/docs",
        "/docs/oauth2-redirect",
        "/favicon.ico",
        "/health/live",
        "/health/ready",
        "/manifest.json",
        "/openapi.json",
        "/robots.txt",
        "/theme.css",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
    )
)
_OPEN_FOLDERS = ("/assets/", "/static/", "/static-offline-docs/", "/ui/")
_IPV6_NETWORK_BITS = 64  # one customer has at least so many addresses


def is_open(scope: Scope) -> bool:
    """Return whether a request needs no key and is not rate-limited."""
    if scope["type"] != "http":
        return True
    path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
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


class ApiKey:
    """Refuses requests without the key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`."""

    def __init__(self, app: ASGIApp, *, key: str, counters: Counters) -> None:
        self._app = app
        self._key = key.encode()
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if is_open(scope) or self._has_key(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        message = "send the API key as Authorization: Bearer KEY, or as X-API-Key: KEY"
        headers = {"WWW-Authenticate": "Bearer"}
        await refuse((scope, receive, send), 401, message, headers=headers, counters=self._counters)

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = [headers.get("x-api-key", ""), token if scheme.lower() == "bearer" else ""]
        return any(secrets.compare_digest(key.strip().encode(), self._key) for key in given)


class RateLimit:
    """Refuses the requests of a client beyond `limit`."""

    def __init__(self, app: ASGIApp, *, limit: RateLimitItem, counters: Counters) -> None:
        self._app = app
        self._limit = limit
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if is_open(scope):
            await self._app(scope, receive, send)
            return
        client = identify_client(scope)
        if await self._limiter.hit(self._limit, client):
            await self._app(scope, receive, send)
            return
        reset_time = (await self._limiter.get_window_stats(self._limit, client)).reset_time
        headers = {"Retry-After": str(max(1, math.ceil(reset_time - time())))}
        message = f"more than {self._limit} from one client"
        await refuse((scope, receive, send), 429, message, headers=headers, counters=self._counters)
