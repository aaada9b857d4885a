"""Lines of text are found, in reading order, without what is printed or drawn around them."""

import cv2
import numpy as np
import pytest

from app.recognition.layout.lines import Line, find_lines
from tests.pictures import Pixels
from tests.written_numbers import Line as Writing
from tests.written_numbers import write_number

_HEIGHT = 60  # of a digit, in pixels
_SOLID = 128  # of 255
_Point = tuple[int, int]


def _write(text: str, *, seed: int = 0, height: int = _HEIGHT) -> Pixels:
    return write_number(
        text, generator=np.random.default_rng(seed), line=Writing(height=height, pen_width=(0.07, 0.09))
    )


def _write_page(*texts: str, pitch: float = 1.6) -> Pixels:
    """Write numbers below one another, `pitch` heights of a digit apart."""
    inks = [_write(text, seed=seed) for seed, text in enumerate(texts)]
    page = np.zeros(
        (round((len(inks) + 1) * pitch * _HEIGHT), max(ink.shape[1] for ink in inks) + 40), np.uint8
    )
    for row, ink in enumerate(inks):
        part = page[round(row * pitch * _HEIGHT) :, 20 : 20 + ink.shape[1]][: len(ink)]
        np.maximum(part, ink[: len(part)], out=part)
    return page


def _draw(ink: Pixels, *points: _Point, strength: int = 255, thickness: int = 3) -> Pixels:
    """Draw lines from point to point (x, y) on a copy of ink."""
    drawn = ink.copy()
    corners = np.array(points, np.int32)
    cv2.polylines(drawn, [corners], isClosed=False, color=(strength,), thickness=thickness)
    return np.maximum(drawn, ink)


def _turn(ink: Pixels, degrees: float) -> Pixels:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(ink, matrix, (width, height)), np.uint8)


def _draw_all(lines: list[Line], *, shape: tuple[int, ...]) -> Pixels:
    """Put the ink of lines where it was in the picture."""
    picture = np.zeros(shape, np.uint8)
    for line in lines:
        picture[line.box.slices] = np.maximum(picture[line.box.slices], line.ink)
    return picture


def _share_of_ink(lines: list[Line], ink: Pixels) -> float:
    """Return how much of the solid ink is in lines."""
    solid = ink >= _SOLID
    return float((_draw_all(lines, shape=ink.shape) >= _SOLID)[solid].mean())


def _share_beside(lines: list[Line], ink: Pixels) -> float:
    """Return how much solid ink lines have where ink has none, as a share of its solid ink."""
    paper = cv2.dilate(ink, np.ones((3, 3), np.uint8)) < _SOLID
    found = (_draw_all(lines, shape=ink.shape) >= _SOLID)[paper]
    return float(np.count_nonzero(found) / np.count_nonzero(ink >= _SOLID))


@pytest.mark.parametrize("text", ["0", "1", "5", "77", "19", "385", "1002003004"])
def test_number_is_one_line_with_all_its_ink(text: str) -> None:
    """A number is one line, whose box is that of its ink, and nothing is left out."""
    for seed in range(10):
        ink = np.pad(_write(text, seed=seed), 20)
        (line,) = find_lines(ink)
        assert _share_of_ink([line], ink) == 1
        assert line.borders == ()


@pytest.mark.parametrize("mark", ["dot", "comma", "dash", "slash"])
def test_marks_belong_to_their_line(mark: str) -> None:
    """Small and tall marks stay in the line of the digits."""
    ink = np.pad(_write("425"), 20)
    x, base = 20 + _write("4").shape[1] - 20, 20 + 20 + _HEIGHT
    strokes: dict[str, tuple[_Point, _Point]] = {
        "dot": ((x, base), (x + 1, base)),
        "comma": ((x, base - 4), (x - 6, base + 14)),
        "dash": ((x - 12, base - 30), (x + 10, base - 31)),
        "slash": ((x + 8, base - 75), (x - 14, base + 12)),
    }
    ink = _draw(ink, *strokes[mark], thickness=5)
    (line,) = find_lines(ink)
    assert _share_of_ink([line], ink) == 1


@pytest.mark.parametrize("step", [(70, 18), (70, -18), (160, 0)])
def test_leaning_or_wide_number_is_one_line(step: _Point) -> None:
    """Digits whose base line leans by 15 degrees, or with wide gaps, are one line."""
    ink = np.zeros((400, 1200), np.uint8)
    for place, digit in enumerate("305182"):
        small = _write(digit, seed=place)
        x, y = 40 + place * step[0], 150 + place * step[1]
        ink[y : y + len(small), x : x + small.shape[1]] |= small
    (line,) = find_lines(ink)
    assert _share_of_ink([line], ink) == 1


@pytest.mark.parametrize("degrees", [-3, 0, 3])
@pytest.mark.parametrize(
    "texts",
    [["385", "19"], [*"123456789"], ["70215", "8", "993", "1020304", "56"], ["12345678901234567890"] * 8],
    ids=["two numbers", "list of digits", "uneven", "long"],
)
def test_numbers_below_one_another_are_lines_from_top_to_bottom(texts: list[str], degrees: float) -> None:
    """Each number is a line of its own, in reading order, on a page that is turned a little too."""
    page = np.pad(_write_page(*texts), 60)
    lines = find_lines(_turn(page, degrees))
    assert len(lines) == len(texts)
    assert [line.box.y for line in lines] == sorted(line.box.y for line in lines)
    assert _share_of_ink(lines, _turn(page, degrees)) == 1


@pytest.mark.parametrize("strength", [90, 150, 255])
@pytest.mark.parametrize("degrees", [0, 2])
@pytest.mark.parametrize("squared", [False, True])
def test_lines_of_paper_are_removed(squared: bool, degrees: float, strength: int) -> None:
    """Pale and strong lines of ruled and squared paper are removed, and strokes across them are kept."""
    page = np.pad(_write_page("385", "20719", "64"), 20)
    paper = np.zeros_like(page)
    paper[7::48] = paper[8::48] = strength
    if squared:
        paper[:, 7::48] = paper[:, 8::48] = strength
    page, paper = _turn(page, degrees), _turn(paper, degrees)
    lines = find_lines(np.maximum(page, paper))
    assert len(lines) == 3
    assert _share_of_ink(lines, page) > 0.93
    assert _share_beside(lines, page) < 0.05


_AROUND: dict[str, list[_Point]] = {
    "frame": [(25, 25), (275, 20), (278, 130), (22, 132), (25, 25)],
    "frame with a gap": [(25, 25), (275, 20), (278, 130), (22, 132), (25, 60)],
    "line below": [(20, 128), (280, 126)],
    "line through": [(10, 75), (290, 78)],
    "frame along the edges": [(0, 0), (299, 0), (299, 149), (0, 149), (0, 0)],
}


@pytest.mark.parametrize("around", _AROUND)
@pytest.mark.parametrize("strength", [140, 255])
def test_frame_or_single_line_is_removed(around: str, strength: int) -> None:
    """A frame around a number, and a line under or through it, are not in its line."""
    ink = np.zeros((150, 300), np.uint8)
    number = _write("3852")[:100, :230]
    ink[25 : 25 + len(number), 40 : 40 + number.shape[1]] = number
    (line,) = find_lines(_draw(ink, *_AROUND[around], strength=strength, thickness=4))
    assert _share_of_ink([line], ink) > 0.93
    assert _share_beside([line], ink) < 0.08


def _draw_cells(*, top: int, ruled_above: bool) -> tuple[Pixels, Pixels]:
    """Draw four digits, and the cells around them."""
    ink = np.zeros((130, 440), np.uint8)
    for place, digit in enumerate("3582"):
        small = _write(digit, seed=place)[:100, :90]
        ink[20 : 20 + len(small), 35 + place * 100 : 35 + place * 100 + small.shape[1]] = small
    cells = _draw(np.zeros_like(ink), (20, 115), (420, 115), strength=200)
    if ruled_above:
        cells = _draw(cells, (20, top), (420, top), strength=200)
    for x in range(20, 421, 100):
        cells = _draw(cells, (x, top), (x, 115), strength=200)
    return ink, cells


@pytest.mark.parametrize(("top", "ruled_above"), [(15, True), (20, False), (90, False)])
def test_borders_of_cells_and_combs_are_removed_and_told(top: int, ruled_above: bool) -> None:
    """Digits in cells or on a comb are one line, with the columns of the borders if they part its digits."""
    ink, cells = _draw_cells(top=top, ruled_above=ruled_above)
    (line,) = find_lines(np.maximum(ink, cells))
    assert _share_of_ink([line], ink) > 0.95
    assert _share_beside([line], ink) < 0.05
    if ruled_above:
        assert [line.box.x + border for border in line.borders] == pytest.approx([120, 220, 320], abs=3)


def test_row_of_ones_on_a_ruled_line_is_no_comb() -> None:
    """Four ones at uneven distances that stand on a line stay."""
    ink = np.zeros((160, 400), np.uint8)
    for x, top in ((60, 40), (130, 32), (180, 45), (300, 36)):
        ink = _draw(ink, (x, top), (x, 118), thickness=6)
    (line,) = find_lines(_draw(ink, (5, 120), (395, 120)))
    assert _share_of_ink([line], ink) > 0.9


def test_specks_are_left_out() -> None:
    """Dirt of a pixel and ink far from all digits are in no line."""
    ink = np.pad(_write("385"), 80)
    dirty = ink.copy()
    dirty[::37, ::41] = 255
    dirty[3:8, 100:106] = 255
    (line,), (clean,) = find_lines(dirty), find_lines(ink)
    assert _share_of_ink([line], ink) == _share_of_ink([clean], ink)
    assert line.box.width <= clean.box.width + 2  # a pixel of margin on either side


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (30, 20000), (20000, 30), (700, 700)])
@pytest.mark.parametrize("share", [0.02, 0.4, 1])
def test_noise_of_any_shape_has_lines_within_it(shape: tuple[int, int], share: float) -> None:
    """Whatever the ink, lines are parts of the picture, with some ink in each."""
    generator = np.random.default_rng(0)
    noise = np.where(generator.random(shape) <= share, 255, 0).astype(np.uint8)
    noise[generator.integers(shape[0])] = 255
    for line in find_lines(noise):
        assert line.ink.shape == noise[line.box.slices].shape
        assert line.ink.any()


def test_empty_picture_has_no_lines() -> None:
    """A picture without ink has no lines."""
    assert find_lines(np.zeros((50, 60), np.uint8)) == []
