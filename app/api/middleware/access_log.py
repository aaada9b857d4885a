"""Count, time and log each request. No picture is logged."""

import logging
import re
from time import perf_counter
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.metrics import Counters

_MAX_PATH = 200  # characters of a logged path

_SECRET = re.compile("(/api/corrections/).+", re.DOTALL)  # an id, with which corrections can be deleted
_logger = logging.getLogger(__name__)


class AccessLog:
    """Counts, times and logs each request."""

    def __init__(self, app: ASGIApp, *, counters: Counters) -> None:
        self._app = app
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        status = 500  # for a request that ends in an error without a response

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._counters.in_flight.inc()
        try:
            await self._app(scope, receive, send_noting)
        finally:
            self._counters.in_flight.dec()
            self._report(scope, status=status, seconds=perf_counter() - start)

    def _report(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = _find_route(scope)
        self._counters.requests.labels(route, scope["method"], status).inc()
        self._counters.seconds.labels(route).observe(seconds)
        if _logger.isEnabledFor(logging.INFO):
            fields = {
                "method": scope["method"],
                # Quoted: it may hold a line break followed by something that looks like a log line.
                "path": quote(_SECRET.sub(r"\1...", scope["path"])[:_MAX_PATH]),
                "status": status,
                "milliseconds": round(1000 * seconds, 2),
            }
            _logger.info("%(method)s %(path)s %(status)s %(milliseconds)s ms", fields, extra=fields)


def _find_route(scope: Scope) -> str:
    """Return the path as declared: labels must not be chosen by clients, or their number would grow."""
    path = getattr(scope.get("route"), "path", None)
    return path if path and isinstance(path, str) else "page" if "endpoint" in scope else "none"
