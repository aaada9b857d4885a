"""Numbers written by templates, with known answers, are read."""

from collections.abc import Iterable

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.pictures import Pixels, encode
from tests.written_numbers import Line, write_number


def _read(client: TestClient, ink: Pixels, *, expect: str = "number") -> str:
    answer = client.post(
        f"/api/predict?expect={expect}", content=encode(255 - ink), headers={"Content-Type": "image/png"}
    )
    return str(answer.json()["text"])


def _count_right(client: TestClient, lines: Iterable[Line], *, seed: int) -> int:
    generator = np.random.default_rng(seed)
    right = 0
    for line in lines:
        text = "".join(map(str, generator.integers(0, 10, generator.integers(2, 7))))
        right += _read(client, write_number(text, generator=generator, line=line)) == text
    return right


def test_most_numbers_of_many_styles_are_read_whole(client: TestClient) -> None:
    """Of forty numbers of two to six digits, in all styles, at least four fifths are right."""
    assert _count_right(client, [Line()] * 40, seed=0) >= 32


def test_most_numbers_whose_digits_touch_are_read_whole(client: TestClient) -> None:
    """Of 200 numbers whose digits run into each other, at least half are right; without cuts hardly any."""
    assert _count_right(client, [Line(gap=(-0.06, 0.02))] * 200, seed=1) >= 100


@pytest.mark.parametrize("height", [30, 400])
def test_size_does_not_matter(client: TestClient, height: int) -> None:
    """The same number is read small and large, and each digit's box is where it was drawn."""
    ink = write_number("3127", generator=np.random.default_rng(2), line=Line(height=height))
    answer = client.post(
        "/api/predict?expect=number", content=encode(255 - ink), headers={"Content-Type": "image/png"}
    ).json()
    assert answer["text"] == "3127"
    for x, y, width, height_found in (digit["box"] for digit in answer["digits"]):
        assert 0.6 * height <= height_found <= 1.4 * height
        assert ink[y : y + height_found, x : x + width].max() == 255


def test_detached_bar_of_a_five_is_part_of_it(client: TestClient) -> None:
    """A 5 between two digits keeps the bar that stands apart from it."""
    generator = np.random.default_rng(3)
    one, four = (write_number(text, generator=generator)[:110] for text in "14")
    five = np.zeros((110, 60), np.uint8)
    five[24:30, 24:58] = 255  # the bar
    five[38:66, 10:16] = 255
    five[60:66, 10:44] = 255
    five[60:100, 38:44] = 255
    five[96:102, 8:44] = 255
    ink = np.hstack([one, five, four])
    assert _read(client, ink) == "154"


@pytest.mark.parametrize("lean", [30, 50, 70])
def test_leaning_one_is_not_left_out(client: TestClient, lean: int) -> None:
    """A 1 that leans over the digit behind it, and may be cut, is not taken for bits of ink."""
    five = write_number("5", generator=np.random.default_rng(8))
    ink = np.hstack([np.zeros((len(five), 90), np.uint8), five])
    cv2.line(ink, (94, 26), (94 - lean, len(ink) - 26), (255,), thickness=7, lineType=cv2.LINE_AA)
    assert _read(client, ink) == "15"


# In a square: strokes as a mouse draws them, with straight bars.
_STRAIGHT = {
    "2": [(0.1, 0.2), (0.5, 0), (0.9, 0.25), (0.1, 1), (0.95, 1)],
    "3": [(0.05, 0), (0.9, 0), (0.4, 0.4), (0.9, 0.65), (0.7, 0.95), (0.4, 1), (0.05, 0.9)],
    "5": [(0.9, 0), (0.15, 0), (0.1, 0.45), (0.6, 0.4), (0.95, 0.7), (0.6, 1), (0.05, 0.95)],
    "7": [(0.05, 0), (0.95, 0), (0.35, 1)],
}


def _draw_straight(text: str, *, width: int, height: int, gap: int) -> Pixels:
    ink = np.zeros((height + 40, 20 + len(text) * (width + gap)), np.uint8)
    for place, sign in enumerate(text):
        corner = np.array([20 + place * (width + gap), 20])
        points = np.round(np.array(_STRAIGHT[sign]) * (width, height) + corner).astype(np.int32)
        cv2.polylines(ink, [points], isClosed=False, color=(255,), thickness=9, lineType=cv2.LINE_AA)
    return ink


@pytest.mark.parametrize("text", ["37", "73", "77", "27", "57"])
def test_bar_of_a_seven_is_no_ruled_line(client: TestClient, text: str) -> None:
    """Not even at either end of the number, where a line of the paper would go on."""
    assert _read(client, _draw_straight(text, width=100, height=100, gap=45), expect="auto") == text


@pytest.mark.parametrize("gap", [3, 8, 30])
@pytest.mark.parametrize("text", ["77", "527", "2357"])
def test_line_under_a_number_is_left_out(client: TestClient, text: str, gap: int) -> None:
    """Of the same pen, near the digits or well below, and although nobody said that it is a number."""
    ink = np.pad(_draw_straight(text, width=100, height=140, gap=30), ((0, 40), (0, 20)))
    row = 20 + 140 + 9 + gap
    cv2.line(ink, (20, row), (ink.shape[1] - 50, row), (255,), thickness=9, lineType=cv2.LINE_AA)
    assert _read(client, ink, expect="auto") == text


def test_tall_digits_apart_are_not_taken_for_one(client: TestClient) -> None:
    """A 5 and a narrow 7 are no 5 with a tail, though that is what they look like together."""
    assert _read(client, _draw_straight("257", width=60, height=140, gap=10), expect="auto") == "257"


def test_ruled_lines_are_not_read(client: TestClient) -> None:
    """Strong lines under and through a number, from edge to edge, change nothing."""
    ink = write_number("208", generator=np.random.default_rng(4), line=Line(pen_width=(0.08, 0.08)))
    for row in (10, len(ink) // 2 + 8, len(ink) - 12):
        ink[row : row + 2] = np.maximum(ink[row : row + 2], 170)
    assert _read(client, ink) == "208"


def _draw_plain_one(height: int) -> Pixels:
    """A thick stroke, too plain to be a digit for sure."""
    ink = np.zeros((height, 30), np.uint8)
    cv2.line(ink, (10, 32), (14, height - 32), (255,), thickness=16, lineType=cv2.LINE_AA)
    return ink


def test_who_asks_for_a_number_gets_doubtful_digits_too(client: TestClient) -> None:
    """What is a digit or not is a digit where a number is expected."""
    ink = np.pad(_draw_plain_one(136), 40)
    assert _read(client, ink, expect="auto") == ""
    assert _read(client, ink, expect="number") == "1"


def test_doubtful_digit_among_sure_ones_is_part_of_the_number(client: TestClient) -> None:
    """Though nobody said that a number is expected, the others do."""
    six, two = (np.pad(write_number(text, generator=np.random.default_rng(9))[:120], 8) for text in "62")
    assert _read(client, np.hstack([six, _draw_plain_one(136), two]), expect="auto") == "612"


def test_one_wide_piece_of_ink_is_several_digits_when_it_reads_as_such(client: TestClient) -> None:
    """Two digits that touch are read as two although nobody said that a number is expected."""
    generator = np.random.default_rng(6)
    ink = np.hstack([write_number(text, generator=generator, line=Line(margin=0.02)) for text in "0"] * 2)
    assert _read(client, ink, expect="auto") == "00"


def test_noise_as_a_number_is_answered(client: TestClient) -> None:
    """A picture of specks, which could be put together in many ways, is answered and is no long number."""
    generator = np.random.default_rng(7)
    ink = np.where(generator.random((150, 190)) < 0.3, 255, 0).astype(np.uint8)
    assert len(_read(client, ink)) < 100
