"""Sentences on how confident a reading is, for the page, the API and the tools."""

from collections.abc import Sequence

import numpy as np

from app.recognition.constants import WORDING
from app.recognition.reading import Digit, Reading


def find_runner_up(digit: Digit) -> int:
    """Return the second most probable digit."""
    return int(np.argsort(digit.probabilities)[-2])


def say_reading(reading: Reading) -> str:
    """Return a sentence on a whole picture, as in "42, high confidence"; the lines are parted by spaces."""
    digits, written = reading.digits, reading.written.replace("\n", " ")
    if reading.hint:
        return f"{reading.hint[:1].upper()}{reading.hint[1:]}"
    if not digits:
        return "No digit found"
    if len(digits) == 1:
        return say_digit(digits[0], reading.labels)
    if not reading.text:
        return "Not digits; closest: " + "".join(reading.labels[digit.digit] for digit in digits)
    if not all(digit.accepted for digit in digits):
        return f"{written}; the rest is not a digit"
    certain = min(digit.confidence for digit in digits) >= WORDING["high_confidence"]
    return f"{written}, high confidence" if certain else f"Probably {written}"


def say_digit(digit: Digit, labels: Sequence[str]) -> str:
    """Return a sentence on one digit, as in "7, high confidence"; `labels` are the signs of the digits."""
    sign = labels[digit.digit]
    if not digit.accepted:
        return f"Not a digit; closest: {sign}"
    if digit.confidence >= WORDING["high_confidence"]:
        return f"{sign}, high confidence"
    if digit.confidence >= WORDING["medium_confidence"]:
        return f"Probably {sign}"
    return f"{sign} or {labels[find_runner_up(digit)]}"
