"""Readings and explanations as JSON values for the page and the tools."""

import io
from base64 import b64encode
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.recognition.explanation.explanation import Explanation
from app.recognition.explanation.heat_map import draw_heat_map
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


class ShownReading(TypedDict, total=False):
    """A reading for assets/workspace.js, or why there is none."""

    text: str
    written: str
    # ShownDigit and `seen`, the normalised image as base64 of a PNG; where wanted, `embedding` and `model`
    digits: list[dict[str, Any]]
    marks: list[dict[str, Any]]  # ShownMark
    labels: str  # the sign of each digit
    sideways: bool  # whether the picture seems to be turned
    failure: str  # the key of a text in assets/texts.js


class ShownExplanation(TypedDict):
    """An explanation for assets/explanation.js, which puts it into words."""

    digit: dict[str, Any]  # ShownDigit
    runner_up: int
    share: float  # of the runner-up, 0..1
    change: dict[str, Any]  # a Change
    heat: str  # the heat map as base64 of a PNG


def present_reading(reading: Reading, *, model: str | None = None) -> ShownReading:
    """Return a reading for the page; with the sha256 of the `model`, digits have embeddings of it."""

    def present(digit: Digit) -> dict[str, Any]:
        fields = asdict(present_digit(digit)) | {"seen": b64encode(_draw_ink(digit.normalised)).decode()}
        return fields | {"model": model, "embedding": digit.scaled_embedding} if model else fields

    return ShownReading(
        text=reading.text,
        written=reading.written,
        digits=[present(digit) for digit in reading.digits],
        marks=[asdict(present_mark(mark)) for mark in reading.marks],
        labels="".join(reading.labels),
        sideways=reading.hint is not None,
    )


def present_failure(failure: str) -> ShownReading:
    """Return a failure, the key of a text, in place of a reading."""
    return ShownReading(text="", written="", digits=[], marks=[], failure=failure)


def present_explanation(explanation: Explanation) -> ShownExplanation:
    """Return an explanation for the page."""
    return ShownExplanation(
        digit=asdict(present_digit(explanation.digit)),
        runner_up=explanation.runner_up,
        share=round(explanation.runner_up_probability, _DECIMALS),
        change=asdict(explanation.change),
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
