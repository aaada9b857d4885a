"""Decides which requests are let in when more come than can be answered soon.

A picture is read in about a millisecond where it stands, so the requests that come at the same time decide
how long each of them takes. A burst of them may be let in. Crowds that come without a pause are more than
can be done, and would only make every answer late: of them few are let in, as Maurer, Fail at Scale, ACM
Queue, 2015, does with the time that a request may wait. As many are read either way: the fewer are let in at
a time, the sooner the next are looked at.
"""

import asyncio
from time import monotonic

from app.api.counters import Counters

_STANDING_SECONDS = 0.1  # crowds that have come for so long are no burst
_PAUSE_SECONDS = 0.05
_CROWD_SHARE = 1 / 8  # of what is let in of a burst; more is a crowd
_STANDING_SHARE = 1 / 32  # what is let in of a crowd that stands, until no more come


class Admission:
    """Lets in at most `most` of the requests that come in one round of the event loop."""

    def __init__(self, *, most: int, counters: Counters) -> None:
        self._most = most
        self._crowd = max(1, round(_CROWD_SHARE * most))
        self._most_standing = max(1, round(_STANDING_SHARE * most))
        self._counters = counters
        self._came = 0  # in this round
        self._crowded = False  # this round, or the last one when a new one begins
        self._calm = 0.0  # when a round last began after a pause, or after one that was not crowded
        self._answered = 0.0  # when a request was last answered

    def lets_in(self) -> bool:
        """Say whether one more request is let in. Call it in the event loop, before any work is done."""
        now = monotonic()
        if not self._came:
            asyncio.get_running_loop().call_soon(self._end_round)
            if not self._crowded or now - self._answered > _PAUSE_SECONDS:
                self._calm = now
            self._crowded = False
        self._came += 1
        standing = now - self._calm >= _STANDING_SECONDS
        self._crowded |= self._came > (self._most_standing if standing else self._crowd)
        if self._came <= (self._most_standing if standing else self._most):
            return True
        self._counters.refused.labels("busy").inc()
        return False

    def note_answer(self) -> None:
        """Note that a request was answered: there was work until now, and no pause."""
        self._answered = monotonic()

    def _end_round(self) -> None:
        self._came = 0
