"""Decides which requests are let in when more come than can be answered soon.

A picture is read in about a millisecond where it stands, so the requests that come at the same time decide
how long each of them takes. So many of them are let in; more is a crowd. A crowd that comes without a pause
is more than can be done, and would only make every answer late: of it few are let in, as Maurer, Fail at
Scale, ACM Queue, 2015, does with the time that a request may wait. As many are read either way: the fewer are
let in at a time, the sooner the next are looked at.
"""

import asyncio
from functools import cache
from time import monotonic

from app.api.counters import Counters

_STANDING_SECONDS = 0.05  # a crowd that has come for so long stands
_GONE_SECONDS = 0.1  # and one that has not come for so long has gone
_PAUSE_SECONDS = 0.05  # so has any after so long without work
# Shares of what is let in otherwise, in one round of the event loop.
_STANDING_SHARE = 1 / 64  # so much is let in of a crowd that stands
_REST_SHARE = 3 / 64  # more than this is what is left of one, and it has not gone


class Admission:
    """Lets in at most `most` of the requests that come in one round of the event loop."""

    def __init__(self, *, most: int, counters: Counters) -> None:
        self._most = most
        self._most_standing, self._rest = (
            max(1, round(share * most)) for share in (_STANDING_SHARE, _REST_SHARE)
        )
        # Found once: finding them takes as long as all else that a refusal costs here.
        self._refused = counters.refused.labels("busy")
        self._refused_with = cache(lambda method: counters.requests.labels("none", method, 503))
        self._came = 0  # in this round
        self._standing = False
        self._crowded = False  # this round, or the last one when a new one begins
        self._since = 0.0  # when a round last was as `_standing` says that all are: crowded, or not
        self._answered = 0.0  # when a request was last answered

    def lets_in(self) -> bool:
        """Say whether one more request is let in. Call it in the event loop, before any work is done."""
        if not self._came:
            asyncio.get_running_loop().call_soon(self._end_round)
            self._begin_round(monotonic())
        self._came += 1
        self._crowded |= self._came > (self._rest if self._standing else self._most)
        return self._came <= (self._most_standing if self._standing else self._most)

    def note_refusal(self, method: str) -> None:
        """Count a request that was not let in, which no part of the app sees."""
        self._refused.inc()
        self._refused_with(method).inc()

    def note_answer(self) -> None:
        """Note that a request was answered: there was work until now, and no pause."""
        self._answered = monotonic()

    def _begin_round(self, now: float) -> None:
        """Judge by what has come until `now` whether a crowd stands."""
        if now - self._answered > _PAUSE_SECONDS:
            self._standing, self._since = False, now
        elif self._crowded == self._standing:
            self._since = now
        elif now - self._since >= (_GONE_SECONDS if self._standing else _STANDING_SECONDS):
            self._standing, self._since = not self._standing, now
        self._crowded = False

    def _end_round(self) -> None:
        self._came = 0
