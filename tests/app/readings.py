"""Make readings and their digits without a reader."""

import numpy as np

from app.recognition.reading import DIGITS, Box, Digit, Reading

_BOX = Box(0, 0, 10, 10)


def make_digit(
    digit: int,
    *,
    confidence: float = 0.99,
    other: int = 0,
    accepted: bool = True,
    box: Box = _BOX,
    labels: int = 10,
) -> Digit:
    """Return a digit whose remaining probability is that of one other digit."""
    probabilities = [0.0] * labels
    probabilities[other] = 1 - confidence
    probabilities[digit] = confidence
    return Digit(
        digit=digit,
        confidence=confidence,
        digit_score=0.9 if accepted else 0.1,
        accepted=accepted,
        probabilities=tuple(probabilities),
        box=box,
        normalised=np.zeros((28, 28), np.float32),
        embedding=np.zeros(8, np.float32),
    )


def make_reading(text: str, *digits: Digit, labels: tuple[str, ...] = DIGITS) -> Reading:
    """Return a reading without marks."""
    return Reading(text, digits, written=text, labels=labels)
