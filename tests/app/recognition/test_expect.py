"""`expect` decides between one digit and a number."""

import math

import cv2
import numpy as np
import pytest

from app.recognition.constants import NUMBER
from app.recognition.image.picture import picture_of_pixels
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.reading import Expect
from app.recognition.recognizer import Recognizer
from tests.app.recognition.conftest import Read
from tests.conftest import Digits
from tests.pictures import Pixels, beside

SINGLE_AND_NUMBER: tuple[Expect, ...] = ("digit", "number")


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
    assert read(np.vstack([upper, lower]), "number").text == "721104"


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


def test_marks_are_not_read(read: Read, number: Pixels) -> None:
    """The point of 72.104 is left out."""
    pixels = np.hstack([number[:, :62], np.zeros((28, 8), np.uint8), number[:, 62:]])
    pixels[22:25, 64:67] = 255
    reading = read(pixels, "number")
    assert (reading.text, len(reading.digits)) == ("72104", 5)


@pytest.mark.parametrize("expect", ["number", "auto"])
def test_prior_moves_the_acceptance_in_a_number(reader: DigitReader, number: Pixels, expect: Expect) -> None:
    """A digit is accepted when its log-odds plus the prior reach those of the threshold."""
    picture = picture_of_pixels(number)
    scores = [
        digit.digit_score
        for digit in Recognizer(reader, acceptance_threshold=0.5).read(picture, expect=expect).digits
    ]
    least = scores.index(min(scores))
    limit = math.log(min(scores) / (1 - min(scores))) + NUMBER["prior_log_odds"]
    for log_odds, accepted in ((limit - 1e-6, True), (limit + 1e-6, False)):
        recognizer = Recognizer(reader, acceptance_threshold=1 / (1 + math.exp(-log_odds)))
        reading = recognizer.read(picture, expect=expect)
        assert [digit.accepted for digit in reading.digits] == [accepted or i != least for i in range(5)]
        assert reading.text == ("72104" if accepted else "72104".replace("72104"[least], ""))


def test_prior_does_not_change_the_score(reader: DigitReader) -> None:
    """A stroke that may be no digit has the same `digit_score` with `number` and with `digit`."""
    ink = np.zeros((216, 110), np.uint8)
    cv2.line(ink, (50, 72), (54, 144), (255,), thickness=20, lineType=cv2.LINE_AA)
    recognizer = Recognizer(reader, acceptance_threshold=0.5)
    [digit], [in_number] = (
        recognizer.read(picture_of_pixels(ink), expect=expect).digits for expect in SINGLE_AND_NUMBER
    )
    assert 0.3 < digit.digit_score < 0.8
    assert in_number.digit_score == pytest.approx(digit.digit_score, abs=0.05)


def test_expected_digit_is_the_text_even_when_it_is_not_accepted(reader: DigitReader, number: Pixels) -> None:
    """With `digit`, the text has one character whatever the threshold."""
    reading = Recognizer(reader, acceptance_threshold=1).read(picture_of_pixels(number), expect="digit")
    assert len(reading.text) == 1
    assert not reading.digits[0].accepted
