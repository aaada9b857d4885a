"""Sentences name what was read and how confident the reader is."""

import re

import pytest

from app.recognition.explanation.wording import say_reading
from app.recognition.reading import Reading
from tests.app.readings import make_digit, make_reading


@pytest.mark.parametrize(
    ("reading", "named"),
    [
        (make_reading("7", make_digit(7)), ["7"]),
        (make_reading("8", make_digit(8, confidence=0.8)), ["8"]),
        (make_reading("1", make_digit(1, confidence=0.6, other=7)), ["1", "7"]),
        (make_reading("", make_digit(7, accepted=False)), ["7"]),
        (make_reading("42", make_digit(4), make_digit(2)), ["42"]),
        (make_reading("42", make_digit(4), make_digit(2, confidence=0.6)), ["42"]),
        (make_reading("4", make_digit(4), make_digit(2, accepted=False)), ["4"]),
        (make_reading("", *(make_digit(4, accepted=False),) * 2), ["44"]),
        (make_reading(""), []),
    ],
)
def test_sentence_names_the_digits(reading: Reading, named: list[str]) -> None:
    """It names the text, the runner-up of a doubtful digit, and the closest digits of ink that is none."""
    assert re.findall(r"\d+", say_reading(reading)) == named


def test_sentence_depends_on_the_confidence() -> None:
    """High, medium and low confidence, and ink that is not accepted, have different sentences."""
    digits = [make_digit(7, confidence=confidence) for confidence in (0.99, 0.8, 0.6)]
    sentences = {say_reading(make_reading("7", digit)) for digit in (*digits, make_digit(7, accepted=False))}
    assert len(sentences) == 4
