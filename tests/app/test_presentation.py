"""What is said of a reading, in words."""

import pytest
from playwright.sync_api import Browser

from app.recognition.picture import PictureError
from app.recognition.reading import Reading
from app.ui.digit_pad import LONGEST_DATA_URL, PNG_DATA_URL, picture_bytes
from app.ui.presentation import present_failure, present_reading
from tests.app.readings import make_digit


@pytest.mark.parametrize(
    ("reading", "sentence"),
    [
        (Reading("7", (make_digit(7),)), "Surely a 7."),
        (Reading("8", (make_digit(8, confidence=0.8),)), "Most likely an 8."),
        (Reading("1", (make_digit(1, confidence=0.6, other=7),)), "A 1, or perhaps a 7."),
        (
            Reading("", (make_digit(3, accepted=False),)),
            "This does not look like a digit. The closest is a 3.",
        ),
        (Reading("42", (make_digit(4), make_digit(2))), "Surely 42."),
        (Reading("42", (make_digit(4), make_digit(2, confidence=0.6))), "Most likely 42."),
        (
            Reading("4", (make_digit(4), make_digit(2, accepted=False))),
            "Part of this does not look like a digit.",
        ),
        (Reading("", (make_digit(4, accepted=False),) * 2), "This does not look like digits."),
        (Reading("", ()), "The answer appears here while you draw."),
    ],
)
def test_sentence_says_how_sure_the_reader_is(reading: Reading, sentence: str) -> None:
    """The sentence is as sure as the reader is."""
    assert f">{sentence}<" in present_reading(reading)


def test_bars_of_a_number_are_of_its_least_sure_digit() -> None:
    """Of several digits, the bars show the one that may be wrong, and say which."""
    markup = present_reading(Reading("123", (make_digit(1), make_digit(2, confidence=0.7), make_digit(3))))
    assert "of the least sure digit: the 2nd of 3" in markup
    assert 'aria-label="2: 70 percent"' in markup


def test_hostile_text_stays_text(browser: Browser) -> None:
    """Markup in an answer or in a message is shown, and is never part of the page."""
    hostile = "</p><img id=evil src=x onerror=alert(1)>"
    page = browser.new_page()
    page.set_content(present_reading(Reading(hostile, (make_digit(7),))) + present_failure(hostile))
    assert page.locator("#evil").count() == 0
    assert page.locator("#answer").first.text_content() == hostile
    page.close()


def test_overlong_drawing_is_refused_before_it_is_decoded() -> None:
    """A drawing longer than any pad sends is refused by its length."""
    with pytest.raises(PictureError, match="200022 characters"):
        picture_bytes(PNG_DATA_URL + "A" * LONGEST_DATA_URL)
