"""What the page is told of a reading, and what it makes of it."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.recognition.explanation import Explanation
from app.recognition.picture import PictureError
from app.recognition.reading import Reading
from app.ui.presentation import present_explanation, present_reading
from app.ui.workspace import MAX_DATA_URL_LENGTH, decode_data_url
from tests.app.conftest import READING_URL
from tests.app.pen import DIGITS, Pen
from tests.app.readings import make_digit


@pytest.mark.parametrize(
    ("reading", "state", "sentence"),
    [
        (Reading("7", (make_digit(7),)), "read", "Surely a 7."),
        (Reading("8", (make_digit(8, confidence=0.8),)), "read", "Most likely an 8."),
        (Reading("1", (make_digit(1, confidence=0.6, other=7),)), "read", "A 1, or perhaps a 7."),
        (
            Reading("", (make_digit(3, accepted=False),)),
            "doubtful",
            "This does not look like a digit. The closest is a 3.",
        ),
        (Reading("42", (make_digit(4), make_digit(2))), "read", "Surely 42."),
        (Reading("42", (make_digit(4), make_digit(2, confidence=0.6))), "read", "Most likely 42."),
        (
            Reading("4", (make_digit(4), make_digit(2, accepted=False))),
            "doubtful",
            "Part of this does not look like a digit.",
        ),
        (Reading("", (make_digit(4, accepted=False),) * 2), "doubtful", "This does not look like digits."),
        (Reading("", ()), "empty", "No digit was found."),
    ],
)
def test_sentence_says_how_sure_the_reader_is(reading: Reading, state: str, sentence: str) -> None:
    """The sentence is as sure as the reader is, and its state sets its colour."""
    shown = present_reading(reading)
    assert (shown["text"], shown["state"], shown["sentence"]) == (reading.text, state, sentence)


@pytest.mark.parametrize(
    ("confidence", "rival"),
    [(0.7, "Second choice: an 8, 30 %."), (0.999, "Second choice: an 8, less than 1 %.")],
)
def test_runner_up_is_named_with_its_share(confidence: float, rival: str) -> None:
    """An explanation says in words which digit comes next, and how probable it is."""
    digit = make_digit(3, confidence=confidence, other=8)
    heat = np.zeros((28, 28), np.float32)
    explanation = Explanation(digit, 8, 1 - confidence, heat, sentence="Surely.", change="Nothing.")
    shown = present_explanation(explanation)
    assert (shown["sentence"], shown["runner_up"], shown["change"]) == ("Surely.", rival, "Nothing.")


def test_hostile_text_stays_text(page: Page, pen: Pen) -> None:
    """Markup in an answer is shown, and is never part of the page."""
    hostile = "</p><img id=evil src=x onerror=alert(1)>"
    answer = present_reading(Reading(hostile, (make_digit(7),))) | {"sentence": hostile}
    page.route(READING_URL, lambda route: route.fulfill(json=answer))
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text(hostile)
    expect(page.locator(".reading-verdict")).to_have_text(hostile)
    expect(page.locator("#evil")).to_have_count(0)


def test_overlong_picture_is_refused_before_it_is_decoded() -> None:
    """A picture longer than any that the page sends is refused by its length."""
    with pytest.raises(PictureError, match="4000022 characters"):
        decode_data_url("data:image/png;base64," + "A" * MAX_DATA_URL_LENGTH)
