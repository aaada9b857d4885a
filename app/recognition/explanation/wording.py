"""What the reader thinks of a digit or a number, in plain sentences that page, API and tools share."""

import numpy as np

from app.recognition.reading import Digit, Reading

# From these probabilities on a sentence says "surely", or names one digit only.
SURELY = 0.97
MOST_LIKELY = 0.75


def find_runner_up(digit: Digit) -> int:
    """Return the second most probable digit, 0..9."""
    return int(np.argsort(digit.probabilities)[-2])


def say_reading(reading: Reading) -> str:
    """Say how sure the reader is of a whole picture."""
    if not reading.digits:
        return "No digit was found."
    if len(reading.digits) == 1:
        return say_digit(reading.digits[0])
    if not reading.text:
        return "This does not look like digits."
    if not all(digit.accepted for digit in reading.digits):
        return "Part of this does not look like a digit."
    sure = min(digit.confidence for digit in reading.digits) >= SURELY
    return f"{'Surely' if sure else 'Most likely'} {reading.text}."


def say_digit(digit: Digit) -> str:
    """Say how sure the reader is of one digit, as in "Surely a 7."."""
    name = with_article(digit.digit)
    if not digit.accepted:
        return f"This does not look like a digit. The closest is {name}."
    if digit.confidence >= SURELY:
        return f"Surely {name}."
    if digit.confidence >= MOST_LIKELY:
        return f"Most likely {name}."
    return f"{name.capitalize()}, or perhaps {with_article(find_runner_up(digit))}."


def with_article(digit: int) -> str:
    """Return a digit, 0..9, with its article: "a 7", "an 8"."""
    return f"{'an' if digit == 8 else 'a'} {digit}"
