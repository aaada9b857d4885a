"""What is said of a digit and of a number, in words."""

import pytest

from app.recognition.explanation.wording import say_reading
from app.recognition.reading import Reading
from tests.app.readings import make_digit


@pytest.mark.parametrize(
    ("reading", "sentence"),
    [
        (Reading("7", (make_digit(7),)), "Surely a 7."),
        (Reading("8", (make_digit(8, confidence=0.8),)), "Most likely an 8."),
        (Reading("1", (make_digit(1, confidence=0.6, other=7),)), "A 1, or perhaps a 7."),
        (Reading("8", (make_digit(8, confidence=0.6, other=3),)), "An 8, or perhaps a 3."),
        (
            Reading("", (make_digit(7, accepted=False),)),
            "This does not look like a digit. The closest is a 7.",
        ),
        (Reading("42", (make_digit(4), make_digit(2))), "Surely 42."),
        (Reading("42", (make_digit(4), make_digit(2, confidence=0.6))), "Most likely 42."),
        (
            Reading("4", (make_digit(4), make_digit(2, accepted=False))),
            "Part of this does not look like a digit.",
        ),
        (Reading("", (make_digit(4, accepted=False),) * 2), "This does not look like digits."),
        (Reading("", ()), "No digit was found."),
    ],
)
def test_sentence_says_how_sure_the_reader_is(reading: Reading, sentence: str) -> None:
    """The sentence is as sure as the reader is."""
    assert say_reading(reading) == sentence
