"""Readings and explanations as JSON values for the page and the tools."""

import io
from base64 import b64encode
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.recognition.explanation.explanation import Explanation
from app.recognition.explanation.heat_map import draw_heat_map
from app.recognition.explanation.wording import say_reading
from app.recognition.reading import Digit, Mark, Reading

_DECIMALS = 5  # of probabilities, which keeps responses short


@dataclass(frozen=True)
class ShownDigit:
    """A digit with the fields of POST /api/predict."""

    digit: int
    confidence: float
    digit_score: float
    accepted: bool
    probabilities: tuple[float, ...]
    box: tuple[int, ...]
    line: int


@dataclass(frozen=True)
class ShownMark:
    """A mark with the fields of POST /api/predict."""

    mark: str
    confidence: float
    box: tuple[int, ...]
    line: int


class ShownReading(TypedDict):
    """A reading for assets/reading_view.js."""

    text: str
    written: str
    state: Literal["read", "doubtful", "empty", "failed"]
    sentence: str
    digits: list[dict[str, Any]]  # ShownDigit and `seen`, the normalised image as base64 of a PNG
    marks: list[dict[str, Any]]  # ShownMark


class ShownExplanation(TypedDict):
    """An explanation for assets/explanation.js: sentences, and a heat map as base64 of a PNG."""

    sentence: str
    runner_up: str
    change: str
    heat: str


def present_reading(reading: Reading) -> ShownReading:
    """Return a reading for the page."""
    accepted = all(digit.accepted for digit in reading.digits)
    return ShownReading(
        text=reading.text,
        written=reading.written,
        state=("read" if accepted else "doubtful") if reading.digits else "empty",
        sentence=say_reading(reading),
        digits=[
            asdict(present_digit(digit)) | {"seen": b64encode(_draw_ink(digit.normalised)).decode()}
            for digit in reading.digits
        ],
        marks=[asdict(present_mark(mark)) for mark in reading.marks],
    )


def present_failure(sentence: str) -> ShownReading:
    """Return a sentence for the page in place of a reading."""
    return ShownReading(text="", written="", state="failed", sentence=sentence, digits=[], marks=[])


def present_explanation(explanation: Explanation) -> ShownExplanation:
    """Return an explanation for the page."""
    percent = 100 * explanation.runner_up_probability
    share = f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
    return ShownExplanation(
        sentence=explanation.sentence,
        runner_up=f"Second choice: {explanation.runner_up}, {share}.",
        change=explanation.change,
        heat=b64encode(draw_heat_map(explanation.digit.normalised, explanation.heat)).decode(),
    )


def present_digit(digit: Digit) -> ShownDigit:
    """Return a digit with rounded probabilities."""
    fields = digit.to_json()
    for name in ("confidence", "digit_score"):
        fields[name] = round(fields[name], _DECIMALS)
    fields["probabilities"] = tuple(round(each, _DECIMALS) for each in digit.probabilities)
    return ShownDigit(**fields)


def present_mark(mark: Mark) -> ShownMark:
    """Return a mark with a rounded probability."""
    return ShownMark(**mark.to_json() | {"confidence": round(mark.confidence, _DECIMALS)})


def _draw_ink(image: NDArray[np.float32]) -> bytes:
    """Return a normalised image, 0 paper to 1 ink, as a PNG: black ink, transparent paper."""
    ink = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
    png = io.BytesIO()
    Image.fromarray(np.dstack([np.zeros_like(ink), ink])).save(png, format="PNG")
    return png.getvalue()
