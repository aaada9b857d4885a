"""Reads ink in the browser, with the page's own modules."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from app.recognition.image.ink import Ink
from tests.pictures import encode

_SCRIPT = (Path(__file__).parent / "read_inks.js").read_text(encoding="utf-8")
_AT_ONCE = 50  # pictures in one message to the browser


@dataclass(frozen=True)
class BrowserAnswer:
    """What the browser's reader says of one digit's ink.

    Attributes:
        probabilities: of the ten digits.
        digit_score: how digit-like the ink is, 0..1.
        milliseconds: from the ink to the answer.
    """

    probabilities: tuple[float, ...]
    digit_score: float
    milliseconds: float


def read_inks(page: Page, inks: Sequence[Ink]) -> list[BrowserAnswer]:
    """Read ink, each uint8 (height, width), on an open static page."""
    pictures = [b64encode(encode(ink)).decode() for ink in inks]
    return [
        BrowserAnswer(tuple(said["probabilities"]), said["digit_score"], said["milliseconds"])
        for start in range(0, len(pictures), _AT_ONCE)
        for said in page.evaluate(_SCRIPT, pictures[start : start + _AT_ONCE])
    ]
