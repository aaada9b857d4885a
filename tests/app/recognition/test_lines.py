"""Lines are read in tiles, twice where digits are small in them, and each digit by both readers."""

from collections.abc import Sequence

import numpy as np
import pytest

from app.recognition.image.picture import picture_of_pixels
from app.recognition.layout.lines import Line
from app.recognition.readers.decoding import Opinions, Sign
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.readers.line_reader import TILE_WIDTH, LineReader, count_tiles
from app.recognition.readers.second_opinion import DigitCutter
from app.recognition.readers.text_line import read_text_line
from app.recognition.reading import Box, LineItem, Mark, Reading
from app.recognition.recognizer import Recognizer
from tests.app.readings import make_digit
from tests.conftest import Digits
from tests.pictures import Pixels, beside

CLASSES = (*"0123456789", *".,-/:%$€£", "other", "blank")
SOLID = 128  # of 255
# The line reader alone decides which digit it is, and both together whether it is one.
OPINIONS = Opinions(line_weight=1, digit_weight=0, score=(0, 1, 1), acceptance_threshold=0.5)


class FakeLineReader(LineReader):
    """A line reader that finds the given classes, one in each run of columns with ink.

    Attributes:
        widths: of the lines that were read.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.classes = CLASSES
        self.names = names
        self.widths: list[int] = []

    def find_signs(self, line: Pixels) -> list[Sign]:
        """Return the signs."""
        self.widths.append(line.shape[1])
        inked = np.pad((line >= SOLID).any(axis=0), 1).astype(int)
        starts, ends = np.flatnonzero(np.diff(inked) > 0), np.flatnonzero(np.diff(inked) < 0)
        return [
            self._make_sign(name, line, int(start), int(end))
            for name, start, end in zip(self.names, starts, ends, strict=False)
        ]

    def _make_sign(self, name: str, line: Pixels, start: int, end: int) -> Sign:
        rows = np.flatnonzero((line[:, start:end] >= SOLID).any(axis=1))
        probabilities = np.full(len(CLASSES), 0.001, np.float32)
        probabilities[CLASSES.index(name)] = 0.98
        box = np.array([start, rows[0], end, rows[-1] + 1], np.float32)
        return Sign(CLASSES.index(name), probabilities, box)


@pytest.fixture(autouse=True)
def one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take all ink for one line, so that these tests do not depend on the layout."""

    def find_lines(ink: Pixels) -> list[Line]:
        return [Line(Box(0, 0, ink.shape[1], ink.shape[0]), ink)]

    monkeypatch.setattr("app.recognition.recognizer.find_lines", find_lines)


def _recognizer(reader: DigitReader, *names: str) -> Recognizer:
    return Recognizer(reader, FakeLineReader(names), acceptance_threshold=0.5, opinions=OPINIONS)


def test_long_line_in_tiles_is_read_like_its_parts(line_reader: LineReader, digits: Digits) -> None:
    """The columns of a long line equal those of a part of it, but near the edges of the part."""
    line = np.pad(np.hstack(list(digits.images[:30])), ((2, 2), (0, 0)))
    whole = line_reader.read(line)
    assert len(whole.probabilities) >= line.shape[1] / 2
    for start in (0, 100, 300, line.shape[1] - TILE_WIDTH):
        part = line_reader.read(line[:, start : start + TILE_WIDTH])
        inside = slice(20, -20)
        own = slice(start // 2 + 20, start // 2 + TILE_WIDTH // 2 - 20)
        assert np.abs(part.probabilities[inside] - whole.probabilities[own]).max() < 0.1
        shift = np.array([start, 0, start, 0])
        assert np.abs(part.boxes[inside] + shift - whole.boxes[own]).max() < 3


@pytest.mark.parametrize(("width", "tiles"), [(1, 1), (256, 1), (257, 2), (448, 2), (449, 3)])
def test_number_of_tiles(width: int, tiles: int) -> None:
    """A tile is 256 pixels wide, and they are 192 pixels apart."""
    assert count_tiles(width) == tiles


@pytest.mark.parametrize("height", [12, 28, 300])
def test_box_is_around_the_ink(height: int) -> None:
    """Boxes are in pixels of the line, whatever its size."""
    bars = [
        Box(height * place, height - high, height // 5, high)
        for place, high in ((0, height), (1, height // 2))
    ]
    ink = np.zeros((height, 2 * height), np.uint8)
    for bar in bars:
        ink[bar.slices] = 255
    signs, _ = read_text_line(ink, FakeLineReader("11"), most_tiles=100)
    for sign, bar in zip(signs, bars, strict=True):
        sides = zip(sign.box.to_json(), bar.to_json(), strict=True)
        assert all(abs(found - drawn) <= 1 + height / 28 for found, drawn in sides)


def test_small_digits_are_read_again_in_their_own_band() -> None:
    """Digits on a slope, lower than half of the line's height, are read again at full height."""
    ink = np.zeros((200, 640), np.uint8)
    for left in range(0, 640, 40):
        top = 10 + left // 5
        ink[top : top + 40, left : left + 8] = 255
    reader = FakeLineReader("1" * 16)
    signs, tiles = read_text_line(ink, reader, most_tiles=100)
    assert len(reader.widths) == 2
    assert reader.widths[1] > 3 * reader.widths[0]
    assert tiles == sum(map(count_tiles, reader.widths))
    for left, sign in zip(range(0, 640, 40), signs, strict=True):
        assert abs(sign.box.x - left) <= 2
        assert abs(sign.box.y - (10 + left // 5)) <= 4
        assert abs(sign.box.height - 40) <= 6


def test_marks_are_written_but_no_text(reader: DigitReader, digits: Digits) -> None:
    """Marks stand in `written` and `marks`, a wide gap is a space, and other ink is left out."""
    seven, two, one = digits.images[:3]
    dot = np.zeros((28, 8), np.uint8)
    dot[22:26, 2:6] = 255
    number = beside(seven, dot, two, gap=3)
    ink = np.hstack([number, np.zeros((len(number), 70), np.uint8), beside(one, dot, gap=3)])
    reading = _recognizer(reader, "7", ".", "2", "1", "other").read(picture_of_pixels(ink), expect="number")
    assert (reading.text, reading.written) == ("721", "7.2 1")
    assert [(mark.mark, mark.line) for mark in reading.marks] == [(".", 0)]
    assert ink[reading.marks[0].box.slices].max() == 255
    assert reading.to_json().keys() == {"text", "written", "digits", "marks"}


def test_doubtful_digit_is_listed_and_not_in_the_text(reader: DigitReader, digits: Digits) -> None:
    """Ink that the digit reader takes for no digit is listed, unaccepted."""
    block = np.full((28, 28), 255, np.uint8)
    ink = beside(digits.images[0], block, digits.images[1], gap=4)
    reading = _recognizer(reader, "7", "8", "2").read(picture_of_pixels(ink), expect="number")
    assert reading.text == reading.written == "72"
    assert [digit.accepted for digit in reading.digits] == [True, False, True]


def test_unread_number_is_listed_as_one_digit(reader: DigitReader, digits: Digits) -> None:
    """Where the line reader finds no digits, the digit reader says what all ink looks like."""
    picture = picture_of_pixels(beside(*digits.images[:4], gap=3))
    for expect in ("number", "auto"):
        [digit] = _recognizer(reader).read(picture, expect=expect).digits
        assert digit.box.width > 80


def test_one_digit_is_not_split(reader: DigitReader, digits: Digits) -> None:
    """With `auto`, what the digit reader accepts as one digit stays one, though it is read as two."""
    ink = digits.images[0].copy()
    ink[:, 13] = 0
    picture = picture_of_pixels(ink)
    several = _recognizer(reader, "1", "1")
    assert len(several.read(picture, expect="number").digits) == 2
    assert len(several.read(picture, expect="auto").digits) == 1


@pytest.mark.parametrize("shape", [(30, 20_000), (20_000, 30), (1, 20_000), (1000, 1000)])
def test_bad_pictures_are_read_in_bounded_time(reader: DigitReader, shape: tuple[int, int]) -> None:
    """Of noise, and of a number without an end, no more than the limit is read."""
    noise = np.where(np.random.default_rng(1).random(shape) < 0.2, 255, 0).astype(np.uint8)
    recognizer = _recognizer(reader, *"1" * 2000)
    assert len(recognizer.read(picture_of_pixels(noise), expect="number").digits) <= 1000
    line_reader = recognizer._line_reader
    assert isinstance(line_reader, FakeLineReader)
    assert sum(map(count_tiles, line_reader.widths)) <= 500


def test_neighbours_ink_is_cut_out_of_a_digit() -> None:
    """A neighbour that reaches into the box is removed; digits that touch are cut at the box."""
    ink = np.zeros((40, 60), np.uint8)
    ink[5:35, 10:14] = 255  # the digit
    ink[30:33, 17:60] = 255  # its neighbour's tail
    box, cut = DigitCutter(ink).cut(Box(8, 4, 16, 33))
    assert box == Box(10, 5, 4, 30)
    assert cut.shape == (30, 4)
    ink[30:33, 10:60] = 255
    box, cut = DigitCutter(ink).cut(Box(8, 4, 16, 33))
    assert box == Box(10, 5, 17, 30)


def test_written_has_spaces_and_lines() -> None:
    """A border is a space; a line without accepted digits is left out, with its marks."""
    near, far = Box(12, 0, 10, 10), Box(40, 0, 10, 10)
    lines: list[list[LineItem]] = [
        [make_digit(1), Mark(".", 0.9, near), None, make_digit(2, box=near), make_digit(3, box=far)],
        [make_digit(4, accepted=False), Mark("-", 0.9, near)],
        [make_digit(5), make_digit(6, accepted=False, box=near), make_digit(7, box=Box(24, 0, 10, 10))],
    ]
    reading = Reading.of_lines(lines)
    assert (reading.text, reading.written) == ("123\n57", "1. 2 3\n57")
    assert (len(reading.digits), len(reading.marks)) == (7, 2)
