"""What `expect` says about the picture: one digit, a number, or decide."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.picture import picture_of_pixels
from app.recognition.readers.digit_reader import Reader
from app.recognition.reading import Expect
from app.recognition.recognizer import Recognizer
from tests.conftest import Digits
from tests.pictures import Pixels, as_json, beside, encode


@pytest.fixture
def number(digits: Digits) -> Pixels:
    """The first five digits of MNIST, 7 2 1 0 4, beside each other."""
    return beside(*digits.images[:5], gap=4)


def _ask(client: TestClient, pixels: Pixels, expect: str) -> tuple[str, list[int]]:
    answer = client.post("/api/predict", json=as_json(encode(pixels), expect=expect)).json()
    return answer["text"], [digit["digit"] for digit in answer["digits"]]


@pytest.mark.parametrize("expect", ["number", "auto"])
def test_number_is_read_from_left_to_right(client: TestClient, number: Pixels, expect: str) -> None:
    """Digits beside each other are read in order, told to be a number or not."""
    assert _ask(client, number, expect) == ("72104", [7, 2, 1, 0, 4])


def test_lines_are_read_from_top_to_bottom(client: TestClient, digits: Digits) -> None:
    """Two lines of digits are read one after the other, though their digits stand above each other."""
    upper, lower = beside(*digits.images[:3], gap=4), beside(*digits.images[2:5], gap=4)
    assert _ask(client, np.vstack([upper, lower]), "number")[0] == "721104"


def test_whole_picture_is_one_digit_when_told_so(client: TestClient, number: Pixels) -> None:
    """With `digit`, all ink is one digit whose box spans it, and the text has one character."""
    answer = client.post("/api/predict", json=as_json(encode(number), expect="digit")).json()
    [digit] = answer["digits"]
    assert digit["box"][2] > 100
    assert len(answer["text"]) == 1


@pytest.mark.parametrize("expect", ["number", "auto", "digit"])
def test_strokes_of_one_digit_stay_together(client: TestClient, expect: str) -> None:
    """A 5 whose bar does not touch its body is one digit."""
    pixels = np.zeros((60, 60), np.uint8)
    pixels[6:10, 22:42] = 255  # the bar
    pixels[13:30, 20:24] = 255
    pixels[27:31, 20:38] = 255
    pixels[27:50, 36:40] = 255
    pixels[46:50, 18:40] = 255
    assert _ask(client, pixels, expect)[0] == "5"


def test_marks_are_no_digits(client: TestClient, number: Pixels) -> None:
    """The point of 72.104 is not read."""
    pixels = np.hstack([number[:, :62], np.zeros((28, 8), np.uint8), number[:, 62:]])
    pixels[22:25, 64:67] = 255
    assert _ask(client, pixels, "number") == ("72104", [7, 2, 1, 0, 4])


def test_only_accepted_digits_make_the_text_of_a_number(number: Pixels) -> None:
    """A digit whose score is below the threshold is listed, but only the text of `digit` may hold it."""
    release = open_release(BUNDLED_RELEASE)
    reader = Reader(release.reader, drawing_size=release.drawing_size)
    picture = picture_of_pixels(number)
    several: tuple[Expect, ...] = ("number", "auto")
    for expect in several:
        digits = Recognizer(reader, acceptance_threshold=0).read(picture, expect=expect).digits
        scores = [digit.digit_score for digit in digits]
        least = scores.index(min(scores))
        strict = Recognizer(reader, acceptance_threshold=np.nextafter(min(scores), 1))
        reading = strict.read(picture, expect=expect)
        assert [digit.accepted for digit in reading.digits] == [place != least for place in range(5)]
        assert reading.text == "72104".replace("72104"[least], "")
    never = Recognizer(reader, acceptance_threshold=2).read(picture, expect="digit")
    assert len(never.text) == 1
    assert not never.digits[0].accepted
