"""Counts, times and logs each request, under an id of its own. No drawing is ever logged."""

import logging
from time import perf_counter
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.counters import Counters

_LONGEST_PATH = 200  # characters of a logged path

_logger = logging.getLogger(__name__)


class Watch:
    """Watches what is answered."""

    def __init__(self, app: ASGIApp, *, counters: Counters) -> None:
        self._app = app
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope["app"].state  # taken now: the page, an application of its own, puts itself in place
        start = perf_counter()
        status = 500  # of what ends in an error that nobody answered yet

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if state.stopping:  # the next request is better sent elsewhere
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        self._counters.in_flight.inc()
        try:
            await self._app(scope, receive, send_watched)
        finally:
            self._counters.in_flight.dec()
            self._report(scope, status=status, seconds=perf_counter() - start)

    def _report(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = _name_route(scope)
        self._counters.requests.labels(route, scope["method"], status).inc()
        self._counters.seconds.labels(route).observe(seconds)
        if _logger.isEnabledFor(logging.INFO):
            fields = {
                "method": scope["method"],
                # Encoded again: it may hold the end of a line, and what looks like the next.
                "path": quote(scope["path"][:_LONGEST_PATH]),
                "status": status,
                "milliseconds": round(1000 * seconds, 2),
            }
            _logger.info("%(method)s %(path)s %(status)s %(milliseconds)s ms", fields, extra=fields)


def _name_route(scope: Scope) -> str:
    """Return the path as declared, of which there are few; what visitors choose would grow without end."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "page" if "endpoint" in scope else "none"
