"""Browser and server read the same ink alike."""

import numpy as np
import pytest
from playwright.sync_api import Page

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.ink import extract_ink
from app.recognition.image.picture import picture_of_pixels
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.recognizer import Recognizer
from tests.conftest import Digits
from tests.pictures import enlarge
from tests.space.static_space.read_inks import read_inks

_COUNT = 100
_TOLERANCE = 1e-3
_SIDES = (28, 18, 96, 160, 300)  # of the picture: smaller, as large as and larger than the reader's drawing


def test_browser_and_server_agree(shared_page: Page, digits: Digits) -> None:
    """Of 100 real digits in five sizes the digit is the same, and all probabilities are, to a thousandth."""
    release = open_release(BUNDLED_RELEASE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    recognizer = Recognizer(reader, acceptance_threshold=release.acceptance_threshold)
    pictures = [
        picture_of_pixels(255 - enlarge(image, side=_SIDES[index % len(_SIDES)]))
        for index, image in enumerate(digits.images[:_COUNT])
    ]
    server = [recognizer.read(picture, expect="digit").digits[0] for picture in pictures]
    browser = read_inks(shared_page, [extract_ink(picture) for picture in pictures])
    assert [digit.digit for digit in server] == [int(np.argmax(answer.probabilities)) for answer in browser]
    for digit, answer in zip(server, browser, strict=True):
        assert answer.probabilities == pytest.approx(digit.probabilities, abs=_TOLERANCE)
        assert answer.digit_score == pytest.approx(digit.digit_score, abs=_TOLERANCE)
