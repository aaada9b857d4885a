"""Lets in what can be done soon, and refuses the rest at once.

A picture is read in about a millisecond where it stands, so the requests that come at the same time decide
how long each of them takes. A burst of them may be let in. Crowds that come without a pause are more than
can be done, and would only make every answer late: of them few are let in, as Maurer, Fail at Scale, ACM
Queue, 2015, does with the time that a request may wait.
"""

import asyncio
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.counters import Counters
from app.api.errors import BUSY
from app.api.gateway.refusal import refuse

_STANDING_SECONDS = 0.1  # crowds that have come for so long are no burst
_PAUSE_SECONDS = 0.05
_STANDING_SHARE = 1 / 8  # of what is let in of a burst; more is a crowd
_WITHOUT_WORK = ("GET", "HEAD", "OPTIONS")


class Admission:
    """Lets in at most `most` requests of those that come in one round of the event loop."""

    def __init__(self, app: ASGIApp, *, most: int, counters: Counters) -> None:
        self._app = app
        self._most = most
        self._most_standing = max(1, round(_STANDING_SHARE * most))
        self._counters = counters
        self._let_in = 0  # in this round
        self._crowded = False  # this round, or the last one when a new one begins
        self._calm = 0.0  # when a round last began after a pause, or after one that was not crowded
        self._worked = 0.0  # when one that was let in last had its turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_WORK:
            await self._app(scope, receive, send)
        elif self._has_room():
            await self._wait_for_round()
            await self._app(scope, receive, send)
        else:
            await refuse((scope, receive, send), 503, BUSY, code="busy", counters=self._counters)

    def _has_room(self) -> bool:
        now = monotonic()
        if not self._let_in:
            if not self._crowded or now - self._worked > _PAUSE_SECONDS:
                self._calm = now
            self._crowded = False
        standing = now - self._calm >= _STANDING_SECONDS
        has_room = self._let_in < (self._most_standing if standing else self._most)
        self._crowded |= not has_room or self._let_in >= self._most_standing
        return has_room

    async def _wait_for_round(self) -> None:
        """Wait until the event loop comes round: all that came is counted before any work is done."""
        self._let_in += 1
        try:
            await asyncio.sleep(0)
        finally:
            self._let_in -= 1
            self._worked = monotonic()
