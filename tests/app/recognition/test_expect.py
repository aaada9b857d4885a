"""`expect` decides between one digit and a number."""

import numpy as np
import pytest

from app.recognition.reading import Expect
from tests.app.recognition.conftest import Read
from tests.conftest import Digits
from tests.pictures import Pixels, beside
from tests.written_numbers import Line, write_number


@pytest.fixture
def number(digits: Digits) -> Pixels:
    """The first five digits of MNIST, 7 2 1 0 4, beside each other."""
    return beside(*digits.images[:5], gap=4)


@pytest.mark.parametrize("expect", ["number", "auto"])
def test_number_is_read_from_left_to_right(read: Read, number: Pixels, expect: Expect) -> None:
    """Digits beside each other are read in order."""
    reading = read(number, expect)
    assert reading.text == "72104"
    assert [digit.digit for digit in reading.digits] == [7, 2, 1, 0, 4]


def test_lines_are_read_from_top_to_bottom(read: Read, digits: Digits) -> None:
    """Two lines of digits are read one after the other, although their digits are above each other."""
    upper, lower = beside(*digits.images[:3], gap=4), beside(*digits.images[2:5], gap=4)
    reading = read(np.vstack([upper, lower]), "number")
    assert reading.text == reading.written == "721\n104"
    assert [digit.line for digit in reading.digits] == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("expect", ["number", "auto"])
def test_list_is_not_one_digit(read: Read, expect: Expect) -> None:
    """The digits 1 to 9 below each other, which look like a 1 from afar, are nine lines."""
    generator, line = np.random.default_rng(0), Line(height=50)
    rows = [write_number(str(digit), generator=generator, line=line) for digit in range(1, 10)]
    width = max(row.shape[1] for row in rows)
    below = np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]))) for row in rows])
    assert read(255 - below, expect).text == "\n".join("123456789")


def test_whole_picture_is_one_digit_with_digit(read: Read, number: Pixels) -> None:
    """With `digit`, all ink is one digit whose box spans it, and the text has one character."""
    reading = read(number, "digit")
    [digit] = reading.digits
    assert digit.box.width > 100
    assert len(reading.text) == 1


@pytest.mark.parametrize("expect", ["number", "auto", "digit"])
def test_strokes_of_one_digit_stay_together(read: Read, expect: Expect) -> None:
    """A 5 whose bar does not touch its body is one digit."""
    pixels = np.zeros((60, 60), np.uint8)
    pixels[6:10, 22:42] = 255  # the bar
    pixels[13:30, 20:24] = 255
    pixels[27:31, 20:38] = 255
    pixels[27:50, 36:40] = 255
    pixels[46:50, 18:40] = 255
    assert read(pixels, expect).text == "5"


def test_expected_digit_is_the_text_even_when_it_is_not_accepted(read: Read) -> None:
    """With `digit`, the text has one character for any ink."""
    reading = read(np.pad(np.full((10, 50), 255, np.uint8), 20), "digit")
    assert len(reading.text) == 1
    assert not reading.digits[0].accepted
