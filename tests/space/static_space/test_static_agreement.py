"""Browser and server read the same ink with the same result."""

from base64 import b64decode

import numpy as np
import pytest
from playwright.sync_api import Page

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.ink import extract_ink
from app.recognition.image.picture import decode_picture, open_picture, picture_of_pixels
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.recognizer import Recognizer
from tests.app.handwriting import write_strokes
from tests.conftest import Digits
from tests.pictures import enlarge
from tests.space.static_space.read_inks import READ_STROKES, read_inks

pytestmark = pytest.mark.slow

_COUNT = 100
_TOLERANCE = 1e-3
_SIDES = (28, 56, 96, 160, 300)  # of the picture, in pixels: smaller and larger than the reader's drawing


def _recognizer(threshold: float | None = None) -> Recognizer:
    release = open_release(BUNDLED_RELEASE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    return Recognizer(reader, acceptance_threshold=threshold or release.acceptance_threshold)


def test_browser_and_server_read_digits_alike(shared_page: Page, digits: Digits) -> None:
    """100 real digits in five sizes have the same digit, and the same probabilities within 0.001."""
    recognizer = _recognizer()
    pictures = [
        picture_of_pixels(255 - enlarge(image, side=_SIDES[index % len(_SIDES)]))
        for index, image in enumerate(digits.images[:_COUNT])
    ]
    server = [recognizer.read(picture, expect="digit").digits[0] for picture in pictures]
    browser = read_inks(shared_page, [extract_ink(picture) for picture in pictures])
    for digit, prediction in zip(server, browser, strict=True):
        assert digit.digit == np.argmax(prediction.probabilities)
        assert prediction.probabilities == pytest.approx(digit.probabilities, abs=_TOLERANCE)
        assert prediction.digit_score == pytest.approx(digit.digit_score, abs=_TOLERANCE)


@pytest.mark.parametrize(
    ("number", "seed", "threshold", "accepted"),
    [
        ("318", 2, 0.7, [True, True, True]),
        ("318", 2, 0.992, [True, True, True]),  # the score of the 1 is 0.983: accepted because of the prior
        ("318", 2, 0.999, [True, False, True]),  # rejected despite the prior
        ("77", 1, 0.95, [False, True]),  # half of the digits are no majority: no prior
        ("4", 1, 0.9999, [True]),
        ("4", 1, 0.99999, [False]),  # a single digit has no prior
    ],
)
def test_browser_and_server_accept_the_same_digits(
    shared_page: Page, number: str, seed: int, threshold: float, accepted: list[bool]
) -> None:
    """In a number the prior counts on both sides; the browser's digit_score is without it."""
    strokes = [[list(point) for point in stroke] for stroke in write_strokes(number, seed=seed)]
    drawing = shared_page.evaluate(READ_STROKES, {"strokes": strokes, "threshold": threshold})
    picture = decode_picture(open_picture(b64decode(drawing["url"].split(",")[1]), max_pixels=1_000_000))
    server = _recognizer(threshold).read(picture).digits
    assert [digit.digit for digit in server] == [digit["digit"] for digit in drawing["digits"]]
    assert [digit.accepted for digit in server] == accepted
    assert [digit["accepted"] for digit in drawing["digits"]] == accepted
    assert {"confidence", "probabilities", "box", "seen"} < drawing["digits"][0].keys()
    if number == "318":
        assert 0.97 < drawing["digits"][1]["digit_score"] < 0.99
