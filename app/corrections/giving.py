"""Takes corrections: checks their limits, reads the picture, and stores both."""

import asyncio
import hashlib
import io
import json
import logging
import math
import re
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import time
from typing import Literal

import cv2
import limits
import numpy as np
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from PIL import Image

from app.corrections.spool import Correction, Spool, SpoolError
from app.model.loading import LoadedModel
from app.recognition.image.picture import Picture, decode_picture, open_picture
from app.recognition.reading import Expect
from app.service import PictureInput, ReadingService

Source = Literal["page", "api"]
Stroke = Sequence[tuple[float, float]]

MARKS = ".,-/:%$€£ "  # that a text may have beside digits
MAX_TEXT = 60
GIVER = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
MAX_POINTS = 5_000  # of the strokes
_LONGEST = 512  # pixels of a stored picture's longer side
_PER_CLIENT = limits.parse("100/hour")
_PER_GIVER = limits.parse("200/day")

_log = logging.getLogger(__name__)


class WrongTextError(ValueError):
    """A text is no number in the signs of the model."""


class TooManyCorrectionsError(Exception):
    """A giver or a client has given too many corrections; `seconds` is the time to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many corrections from one client")
        self.seconds = seconds


@dataclass(frozen=True)
class Given:
    """What is given.

    Attributes:
        image: the bytes of an encoded picture.
        text: what is right; "" if it is no digit.
        giver: the id of an earlier correction by the same giver.
        strokes: of the drawing.
        source: where it was given.
    """

    image: bytes
    text: str
    giver: str | None = None
    strokes: Sequence[Stroke] = ()
    source: Source = "api"


class Corrections:
    """Stores corrections, and deletes them for those who gave them.

    The giver's random id is the only key to their corrections; just its hash is stored.
    """

    def __init__(
        self, service: ReadingService, spool: Spool, *, on_event: Callable[[str, int], None] = lambda *_: None
    ) -> None:
        """Read with `service` and store in `spool`; `on_event` gets "given" or "deleted", and a number."""
        self.spool = spool
        self.changed = asyncio.Event()  # set when there is something to upload
        self._service = service
        self._on_event = on_event
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._disk = ThreadPoolExecutor(1, "corrections")

    async def give(self, given: Given, *, client: str) -> str:
        """Store a correction durably and return the giver's id, a new one for a new giver.

        Args:
            given: the correction.
            client: the address from which it comes; it is not stored.

        Raises:
            TooManyCorrectionsError: the client or the giver has given too many.
            WrongTextError: the text has other signs than the digits of the model and marks, or no digit.
            PictureError: the bytes are not a picture.
            NotReadyError, BusyError: the picture can't be read now.
            SpoolError: it can't be stored.
        """
        _check_text(given.text.strip(), labels=self._service.model.release.labels)
        giver = given.giver or secrets.token_urlsafe(16)
        await self._count(_PER_CLIENT, client)
        await self._count(_PER_GIVER, giver)
        expect: Expect = "digit" if len(given.text.strip()) < 2 else "number"
        picture = PictureInput(given.image, expect)
        result = await self._service.read(lambda: picture, size=len(given.image))
        make = partial(_make, given, giver=giver, read=result.value.written, model=result.model)
        await self._run(lambda: self.spool.add(make(max_pixels=self._service.max_pixels)))
        self._on_event("given", 1)
        self.changed.set()
        return giver

    async def take_back(self, giver: str, *, client: str) -> None:
        """Delete all corrections of a giver; a data set on the Hub follows with the next upload.

        Raises:
            TooManyCorrectionsError: the client has given or taken back too many.
            SpoolError: the disk fails.
        """
        await self._count(_PER_CLIENT, client)
        await self._run(lambda: self.spool.delete_writer(_hash(giver)))
        self._on_event("deleted", 1)
        self.changed.set()

    async def _run(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._disk, work)
        except OSError as error:
            _log.error("Corrections can't be stored: %s", error)
            raise SpoolError("corrections can't be stored now; try again later") from error

    async def _count(self, limit: limits.RateLimitItem, key: str) -> None:
        if not await self._limiter.hit(limit, key):
            reset_time = (await self._limiter.get_window_stats(limit, key)).reset_time
            raise TooManyCorrectionsError(max(1, math.ceil(reset_time - time())))


def _check_text(text: str, *, labels: Sequence[str]) -> None:
    if text and (set(text) - {*labels, *MARKS} or not set(text) & set(labels)):
        raise WrongTextError(f"text: {text!r} is no number in the signs {''.join(labels)} and {MARKS}")


def _make(given: Given, *, giver: str, read: str, model: LoadedModel, max_pixels: int) -> Correction:
    origin = model.origin
    return Correction(
        image=_encode(decode_picture(open_picture(given.image, max_pixels=max_pixels))),
        text=given.text.strip(),
        read=read,
        writer=_hash(giver),
        strokes=json.dumps(given.strokes) if given.strokes else "",
        model=f"{origin.repo}@{origin.commit}" if origin.repo else model.release.reader_sha256,
        day=datetime.now(UTC).date().isoformat(),
        source=given.source,
    )


def _hash(giver: str) -> str:
    return hashlib.sha256(giver.encode()).hexdigest()[:32]


def _encode(picture: Picture) -> bytes:
    """Return a picture as a grey PNG without any metadata, shrunk if it is large."""
    grey = picture.colour[:, :, 0]
    if picture.colour.shape[2] == 3:
        grey = np.asarray(cv2.cvtColor(picture.colour, cv2.COLOR_RGB2GRAY))
    if picture.opacity is not None:
        opacity = picture.opacity.astype(np.float32) / 255
        ink = (grey * opacity).sum() / max(float(opacity.sum()), 1.0)
        paper = 255.0 if ink < 128 else 0.0
        grey = np.rint(grey * opacity + paper * (1 - opacity)).astype(np.uint8)
    image = Image.fromarray(grey)
    image.thumbnail((_LONGEST, _LONGEST))
    encoded = io.BytesIO()
    image.save(encoded, format="PNG", optimize=True)
    return encoded.getvalue()
