"""Limits how often one client may ask, where the operator has set a limit."""

import ipaddress
import math
from time import time

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.counters import Counters
from app.api.middleware.programs import is_for_programs
from app.api.middleware.refusal import refuse

_IPV6_NETWORK = 64  # bits: one customer has at least so many addresses


class RateLimit:
    """Refuses what a program asks beyond `limit`. The page, which asks 25 times a second, is left alone."""

    def __init__(self, app: ASGIApp, *, limit: RateLimitItem, counters: Counters) -> None:
        self._app = app
        self._limit = limit
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not is_for_programs(scope):
            await self._app(scope, receive, send)
            return
        client = _identify(scope)
        if await self._limiter.hit(self._limit, client):
            await self._app(scope, receive, send)
            return
        again = (await self._limiter.get_window_stats(self._limit, client)).reset_time
        headers = {"Retry-After": str(max(1, math.ceil(again - time())))}
        message = f"more than {self._limit} from one client"
        await refuse((scope, receive, send), 429, message, headers=headers, counters=self._counters)


def _identify(scope: Scope) -> str:
    """Return the client's address; of IPv6 the network, within which a client chooses freely."""
    host = str((scope["client"] or ("unknown",))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((host, _IPV6_NETWORK), strict=False))
