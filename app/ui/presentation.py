"""What the page is told of a reading: the answer, a sentence, and each digit with what the reader saw."""

import io
from base64 import b64encode
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.recognition.explanation.explanation import Explanation
from app.recognition.explanation.heat_map import draw_heat_map
from app.recognition.explanation.wording import say_reading
from app.recognition.reading import Digit, Reading

_DECIMALS = 5  # of probabilities: the page shows percents, and the answer shall be short

State = Literal["read", "doubtful", "empty", "failed"]


class ShownDigit(TypedDict):
    """A digit as the API gives it, and what was seen as the base64 of a PNG."""

    digit: int
    confidence: float
    digit_score: float
    accepted: bool
    probabilities: list[float]
    box: list[int]
    seen: str


class ShownReading(TypedDict):
    """What assets/reading_view.js shows."""

    text: str
    state: State
    sentence: str
    digits: list[ShownDigit]


class ShownExplanation(TypedDict):
    """What assets/why.js shows: sentences, and a heat map as the base64 of a PNG."""

    sentence: str
    rival: str
    change: str
    heat: str


def present_reading(reading: Reading) -> ShownReading:
    """Tell the page of a reading."""
    return ShownReading(
        text=reading.text,
        state=_state(reading),
        sentence=say_reading(reading),
        digits=[_present_digit(digit) for digit in reading.digits],
    )


def present_failure(sentence: str) -> ShownReading:
    """Tell the page that there is no reading, in a quiet sentence."""
    return ShownReading(text="", state="failed", sentence=sentence, digits=[])


def present_explanation(explanation: Explanation) -> ShownExplanation:
    """Tell the page why a digit was read."""
    percent = 100 * explanation.runner_up_probability
    share = f"{percent:.0f} %" if percent >= 1 else "less than 1 %"
    return ShownExplanation(
        sentence=explanation.sentence,
        rival=f"Next comes {explanation.runner_up}, with {share}.",
        change=explanation.change,
        heat=_base64(draw_heat_map(explanation.digit.normalised, explanation.heat)),
    )


def _state(reading: Reading) -> State:
    if not reading.digits:
        return "empty"
    return "read" if all(digit.accepted for digit in reading.digits) else "doubtful"


def _present_digit(digit: Digit) -> ShownDigit:
    return ShownDigit(
        digit=digit.digit,
        confidence=round(digit.confidence, _DECIMALS),
        digit_score=round(digit.digit_score, _DECIMALS),
        accepted=digit.accepted,
        probabilities=[round(probability, _DECIMALS) for probability in digit.probabilities],
        box=[digit.box.x, digit.box.y, digit.box.width, digit.box.height],
        seen=_base64(_draw_seen(digit.normalised)),
    )


def _draw_seen(seen: NDArray[np.float32]) -> bytes:
    """What the network looked at as a PNG: black ink on nothing, so that it suits any paper."""
    ink = np.rint(255 * np.clip(seen, 0, 1)).astype(np.uint8)
    png = io.BytesIO()
    Image.fromarray(np.dstack([np.zeros_like(ink), ink])).save(png, format="PNG")
    return png.getvalue()


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
