"""Reads ink in the browser, with the modules of the static page."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from app.recognition.image.ink import Ink
from tests.pictures import encode

READ_STROKES = Path(__file__).with_name("read_strokes.js").read_text(encoding="utf-8")
_READ_INKS = Path(__file__).with_name("read_inks.js").read_text(encoding="utf-8")
_BATCH = 50  # pictures in one message to the browser


@dataclass(frozen=True)
class BrowserPrediction:
    """The reader's prediction in the browser."""

    probabilities: tuple[float, ...]  # of the ten digits
    digit_score: float  # how digit-like the ink is, 0..1
    milliseconds: float  # from the ink to the prediction
    lines_milliseconds: float  # from the ink to its lines


def read_inks(page: Page, inks: Sequence[Ink]) -> list[BrowserPrediction]:
    """Read ink, each uint8 (height, width), on an open static page."""
    pictures = [b64encode(encode(ink)).decode() for ink in inks]
    return [
        BrowserPrediction(**each | {"probabilities": tuple(each["probabilities"])})
        for start in range(0, len(pictures), _BATCH)
        for each in page.evaluate(_READ_INKS, pictures[start : start + _BATCH])
    ]
