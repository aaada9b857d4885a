"""Written numbers with known digits are read."""

import cv2
import numpy as np
import pytest

from app.recognition.explanation.wording import say_reading
from app.recognition.reading import Expect
from tests.app.recognition.conftest import Read
from tests.conftest import Digits
from tests.pictures import Pixels
from tests.written_numbers import Line, write_number

# In a unit square: strokes with straight bars, as drawn with a mouse.
_STRAIGHT = {
    "2": [(0.1, 0.2), (0.5, 0), (0.9, 0.25), (0.1, 1), (0.95, 1)],
    "3": [(0.05, 0), (0.9, 0), (0.4, 0.4), (0.9, 0.65), (0.7, 0.95), (0.4, 1), (0.05, 0.9)],
    "5": [(0.9, 0), (0.15, 0), (0.1, 0.45), (0.6, 0.4), (0.95, 0.7), (0.6, 1), (0.05, 0.95)],
    "7": [(0.05, 0), (0.95, 0), (0.35, 1)],
}


def _write(text: str, *, seed: int, line: Line | None = None) -> Pixels:
    return write_number(text, generator=np.random.default_rng(seed), line=line or Line())


def _draw_line(ink: Pixels, start: tuple[int, int], end: tuple[int, int], *, thickness: int) -> None:
    cv2.line(ink, start, end, (255,), thickness=thickness, lineType=cv2.LINE_AA)


def _draw_straight(text: str, *, width: int, height: int, gap: int) -> Pixels:
    ink = np.zeros((height + 40, 20 + len(text) * (width + gap)), np.uint8)
    for place, digit in enumerate(text):
        corner = np.array([20 + place * (width + gap), 20])
        points = np.round(np.array(_STRAIGHT[digit]) * (width, height) + corner).astype(np.int32)
        cv2.polylines(ink, [points], isClosed=False, color=(255,), thickness=9, lineType=cv2.LINE_AA)
    return ink


@pytest.mark.parametrize(
    ("line", "count", "least", "seed"),
    [(Line(), 40, 32, 0), (Line(gap=(-0.06, 0.02)), 200, 100, 1)],
    ids=["many styles", "touching digits"],
)
def test_most_numbers_are_read_whole(read: Read, line: Line, count: int, least: int, seed: int) -> None:
    """Numbers of two to six digits are read whole: four fifths in all styles, half when the digits touch."""
    generator = np.random.default_rng(seed)
    right = 0
    for _ in range(count):
        text = "".join(map(str, generator.integers(0, 10, generator.integers(2, 7))))
        right += read(255 - write_number(text, generator=generator, line=line), "number").text == text
    assert right >= least


@pytest.mark.parametrize("height", [30, 400])
def test_size_does_not_matter(read: Read, height: int) -> None:
    """The same number is read small and large, and each digit's box is where it was drawn."""
    ink = _write("3127", seed=2, line=Line(height=height))
    reading = read(255 - ink, "number")
    assert reading.text == "3127"
    for digit in reading.digits:
        assert 0.6 * height <= digit.box.height <= 1.4 * height
        assert ink[digit.box.slices].max() == 255


def test_one_between_two_digits_is_no_slash(read: Read, digits: Digits) -> None:
    """Of 40 numbers such as 312 four fifths are read, though people's 1s lean like slashes."""
    generator = np.random.default_rng(0)
    ones, others = (np.flatnonzero(kind) for kind in (digits.labels == 1, digits.labels > 1))
    right = 0
    for one in ones[:40]:
        first, last = generator.choice(others, 2)
        row = [digits.images[index][:, digits.images[index].any(axis=0)] for index in (first, one, last)]
        ink = np.pad(np.hstack([np.pad(image, ((0, 0), (0, 6))) for image in row]), 12)
        text = f"{digits.labels[first]}1{digits.labels[last]}"
        large = np.asarray(cv2.resize(ink, None, fx=3, fy=3), np.uint8)
        right += read(255 - large, "number").text == text
    assert right >= 32


@pytest.mark.parametrize("text", ["212", "515", "517"])
def test_upright_one_is_no_slash(read: Read, text: str) -> None:
    """A nearly vertical stroke between two digits, far from both and as tall as they are, is a 1."""
    ink = _draw_straight(f"{text[0]}{text[2]}", width=120, height=200, gap=200)
    _draw_line(ink, (248, 20), (232, 220), thickness=9)
    assert read(255 - ink, "number").written == text


@pytest.mark.parametrize("gap", [30, 180, 240])
def test_point_far_from_the_digits_is_read(read: Read, gap: int) -> None:
    """The point of 2.35 is read wherever it stands between the 2 and the 3, and its box is there."""
    ink = _draw_straight("235", width=60, height=100, gap=gap)
    middle = 80 + gap // 2
    _draw_line(ink, (middle, 115), (middle, 118), thickness=9)
    reading = read(255 - ink, "number")
    assert reading.written.replace(" ", "") == "2.35"
    assert abs(reading.marks[0].box.x - middle) < 15


@pytest.mark.parametrize("expect", ["auto", "number"])
def test_letter_beside_digits_is_told(read: Read, expect: Expect) -> None:
    """The A in 23A is a sign that was not read, in its place."""
    ink = np.pad(_draw_straight("23", width=60, height=100, gap=40), ((0, 0), (0, 160)))
    for start, end in (((230, 120), (265, 20)), ((265, 20), (300, 120)), ((242, 85), (288, 85))):
        _draw_line(ink, start, end, thickness=9)
    reading = read(255 - ink, expect)
    assert reading.text == "23"
    assert [digit.accepted for digit in reading.digits] == [True, True, False]
    assert abs(reading.digits[2].box.x - 230) < 15
    assert say_reading(reading) == "23; the rest is not a digit"


def test_detached_bar_of_a_five_is_part_of_it(read: Read) -> None:
    """A 5 between two digits keeps its detached bar."""
    generator = np.random.default_rng(3)
    one, four = (write_number(text, generator=generator)[:110] for text in "14")
    five = np.zeros((110, 60), np.uint8)
    five[24:30, 24:58] = 255  # the bar
    five[38:66, 10:16] = 255
    five[60:66, 10:44] = 255
    five[60:100, 38:44] = 255
    five[96:102, 8:44] = 255
    assert read(255 - np.hstack([one, five, four]), "number").text == "154"


@pytest.mark.parametrize(
    ("text", "width", "height", "gap"),
    [*((text, 100, 100, 45) for text in ("37", "73", "77", "27", "57")), ("257", 60, 140, 10)],
)
def test_straight_digits_are_read(read: Read, text: str, width: int, height: int, gap: int) -> None:
    """The bar of a 7 is no ruled line, even at an end, and a 5 beside a narrow 7 is no single digit."""
    assert read(255 - _draw_straight(text, width=width, height=height, gap=gap), "auto").text == text


@pytest.mark.parametrize("gap", [3, 8, 30])
@pytest.mark.parametrize("text", ["77", "527", "2357"])
def test_line_under_a_number_is_left_out(read: Read, text: str, gap: int) -> None:
    """A line of the same pen, near the digits or well below, is left out with `auto` too."""
    ink = np.pad(_draw_straight(text, width=100, height=140, gap=30), ((0, 40), (0, 20)))
    row = 20 + 140 + 9 + gap
    _draw_line(ink, (20, row), (ink.shape[1] - 50, row), thickness=9)
    assert read(255 - ink, "auto").text == text


def test_ruled_lines_are_not_read(read: Read) -> None:
    """Strong lines under and through a number, from edge to edge, change nothing."""
    ink = _write("208", seed=5, line=Line(pen_width=(0.08, 0.08)))
    for row in (10, len(ink) // 2 + 8, len(ink) - 12):
        ink[row : row + 2] = np.maximum(ink[row : row + 2], 170)
    assert read(255 - ink, "number").text == "208"


def test_noise_is_no_long_number(read: Read) -> None:
    """A picture of specks, which can be combined in many ways, is read."""
    noise = np.random.default_rng(7).random((150, 190)) < 0.3
    assert len(read(255 - np.where(noise, 255, 0).astype(np.uint8), "number").text) < 100


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_sideways_page_is_noticed(read: Read, digits: Digits, turns: int) -> None:
    """A page of digits that is turned has a hint, and no text, which would be nonsense."""
    rows = [np.pad(np.hstack(list(digits.images[row : row + 10])), 12) for row in range(0, 50, 10)]
    reading = read(np.rot90(255 - np.vstack(rows), turns).copy(), "number")
    assert (reading.hint is None) == (turns == 0)
    assert bool(reading.text) == (turns == 0)
