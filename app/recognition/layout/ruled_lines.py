"""Removes ruled lines that run through or under digits, and keeps the strokes that cross them."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.layout.components import SOLID

_MIN_HORIZONTAL = 1.4  # heights of a digit; no horizontal stroke is so long
_MIN_VERTICAL = 1.8  # heights of a digit; no vertical stroke is so long
_PAPER_WIDTH = 0.6  # of the ink's width; horizontal lines of ruled or squared paper are at least so long
_PAPER_HEIGHT = 0.9  # of the ink's height; likewise the vertical lines, since a single stem may be shorter
_LONG = 1.2  # heights of the ink; one horizontal line so long is no stroke
_MIN_RULED = 3  # shorter lines, for the paper to be ruled
_MIN_THROUGH = 2  # horizontal lines from edge to edge, crossed by a vertical one, for paper to be squared
_MAX_LINES = 40  # of squared paper
_THROUGH_SHARE = 0.9  # of the ink's width or height; a line from edge to edge is at least so long
_EDGE_SHARE = 0.03  # of the width or height; a line so near to an edge runs along it
_GAP_SHARE = 0.2  # of the greatest thickness; shorter gaps in a line belong to it
_MAX_THICKNESS = 0.2  # of a digit's height
_STRONGER = 1.35  # times the line's strength; stronger ink is a pen's that runs along the line
_MAX_ASPECT = 50  # longer shapes are no picture of paper, and finding lines in them takes minutes
_SIDE = 1000  # pixels; the lines of larger pictures are found in a reduced picture, which is much faster
_SOFT = 2  # pixels of soft edge on each side of a line
_INK = SOLID // 2  # of 255; the lowest level of ink that may belong to a line


def remove_paper_lines(ink: Ink) -> Ink:
    """Remove the lines of ruled or squared paper from ink whose digits have an unknown size."""
    if max(ink.shape) > _MAX_ASPECT * min(ink.shape):
        return ink
    step = max(1, round(math.sqrt(ink.size) / _SIDE))
    reduced = ink
    if step > 1:  # the strongest ink of each square, so that no thin line is lost
        strongest = cv2.dilate(ink, np.ones((step, step), np.uint8), anchor=(0, 0))
        reduced = np.ascontiguousarray(strongest[::step, ::step])
    horizontal, vertical = (
        mask.repeat(step, axis=0).repeat(step, axis=1) if step > 1 else mask
        for mask in _find_paper_lines(reduced)
    )
    height, width = ink.shape
    if vertical.any():
        ink = _transpose(_erase(_transpose(ink), vertical[:width, :height]))
    return _erase(ink, horizontal[:height, :width]) if horizontal.any() else ink


def remove_single_lines(ink: Ink, *, height: float) -> Ink:
    """Remove single horizontal, then vertical lines from ink whose digits are `height` pixels tall."""
    thick = _MAX_THICKNESS * height
    for length in (_MIN_HORIZONTAL * height, _MIN_VERTICAL * height):
        ink = _transpose(_erase(ink, _find_horizontal(ink, length=length, thick=thick)))
    return ink


def _find_paper_lines(ink: Ink) -> tuple[Ink, Ink]:
    """Return the masks of horizontal lines, (height, width), and of vertical ones, (width, height)."""
    turned, (height, width) = _transpose(ink), ink.shape
    thick, length = _MAX_THICKNESS * min(height, width) / 2, _PAPER_WIDTH * width
    horizontal = _find_horizontal(ink, length=length, thick=thick, beyond=True)
    vertical = np.zeros_like(turned)
    if not horizontal.any():
        return horizontal, vertical
    # Half as long at an edge is a leaning line, or the bar of a first or last 7: whole lines decide.
    whole = _count(_find_horizontal(ink, length=length, thick=thick))
    ruled = whole >= (1 if length >= _LONG * height else _MIN_RULED)
    if ruled or _count(horizontal) >= _MIN_THROUGH:
        vertical = _find_horizontal(turned, length=_PAPER_HEIGHT * height, thick=thick, beyond=True)
        if _are_squared(ink, horizontal, _transpose(vertical)):
            return _complete(horizontal, ink), _complete(vertical, turned)
    return horizontal * ruled, vertical * (ruled and _count(vertical) >= _MIN_RULED)


def _are_squared(ink: Ink, horizontal: Ink, vertical: Ink) -> bool:
    """Return whether lines cross each other as large squares do, of which a picture shows few lines.

    They run through the ink from edge to edge, which the sides of a square 0 do not, and are equally strong,
    which a 1 across the lines of ruled paper is not.
    """
    if _count_through(horizontal) < _MIN_THROUGH or not _count_through(vertical.T):
        return False
    own = [_own_ink(ink, lines) for lines in (horizontal, vertical)]
    strengths = [float(np.median(each)) if each.size else 0.0 for each in own]
    return max(strengths) <= _STRONGER * min(strengths)


def _complete(horizontal: Ink, ink: Ink) -> Ink:
    """Add to lines from edge to edge the parts that were not found because the lines lean a little."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(horizontal)
    whole, (height, width) = horizontal.copy(), horizontal.shape
    for label in range(1, min(count, _MAX_LINES + 1)):
        x, y, across, down = map(int, stats[label, :4])
        rows, columns = np.nonzero(labels[y : y + down, x : x + across] == label)
        rows, columns = rows + y, columns + x
        for _ in range(2):  # the second time with the ink along the line found first
            slope, start = _fit_line(columns, rows)
            ends = round(start), round(start + slope * (width - 1))
            top = min(max(0, min(ends) - _SOFT), height - 1)
            bottom = max(top + 1, min(height, max(ends) + _SOFT + 1))
            line = np.zeros((bottom - top, width), np.uint8)
            cv2.line(line, (0, ends[0] - top), (width - 1, ends[1] - top), (1,), 2 * _SOFT + 1)
            rows, columns = np.nonzero((line > 0) & (ink[top:bottom] >= _INK))
            if columns.size <= width / 2:  # there is no line
                break
            rows += top
        whole[top:bottom] |= line
    return whole


def _fit_line(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[float, float]:
    """Return slope and first row of the least-squares line through points; slope 0 if all share a column."""
    offsets = columns - columns.mean()
    spread = float(offsets @ offsets)
    slope = float(offsets @ rows) / spread if spread else 0.0
    return slope, float(rows.mean() - slope * columns.mean())


def _count(lines: Ink) -> int:
    return int(cv2.connectedComponents(lines)[0]) - 1


def _count_through(lines: Ink) -> int:
    """Return how many horizontal lines run from edge to edge, and not along an edge."""
    height, width = lines.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(lines)
    top, bottom = stats[1:, cv2.CC_STAT_TOP], stats[1:, cv2.CC_STAT_TOP] + stats[1:, cv2.CC_STAT_HEIGHT]
    inside = (top > _EDGE_SHARE * height) & (bottom < (1 - _EDGE_SHARE) * height)
    return int(np.count_nonzero(inside & (stats[1:, cv2.CC_STAT_WIDTH] >= _THROUGH_SHARE * width)))


def _find_horizontal(ink: Ink, *, length: float, thick: float, beyond: bool = False) -> Ink:
    """Return the mask of horizontal lines at least `length` long and less than `thick`, in pixels.

    Lines at an edge are taken to go on `beyond` it, or else to end there.
    """
    solid = (ink >= _INK).view(np.uint8)
    closed = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, _bar(_GAP_SHARE * thick)), np.uint8)
    runs = _open(closed, _bar(length), beyond=beyond)
    bodies = _open(runs, _bar(max(2, thick)).T, beyond=False)
    return np.asarray(cv2.dilate(cv2.subtract(runs, bodies), _bar(2 * _SOFT + 1).T), np.uint8)


def _open(mask: Ink, kernel: Ink, *, beyond: bool) -> Ink:
    """Keep of a mask of 0 and 1 where the kernel fits, which may reach `beyond` the edges or not."""
    fits = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(float(beyond),))
    return np.asarray(cv2.dilate(fits, kernel), np.uint8)


def _erase(ink: Ink, line: Ink) -> Ink:
    """Remove a horizontal line, but not stronger ink and strokes with ink closely above and below it."""
    own = _own_ink(ink, line)
    if not own.size:
        return ink
    beside, reach = ((ink >= _INK) & (line == 0)).view(np.uint8), 4 * _SOFT + 3
    above, below = (cv2.dilate(beside, _bar(reach).T, anchor=(0, row)) for row in (reach - 1, 0))
    crossed = np.asarray(cv2.min(above, below), np.uint8)
    return np.where((line > 0) & (ink <= _STRONGER * np.median(own)) & (crossed == 0), np.uint8(0), ink)


def _own_ink(ink: Ink, line: Ink) -> Ink:
    """Return the ink of a line, (n,), without its soft edges and the paper beside it."""
    return ink[(line > 0) & (ink >= _INK)]


def _bar(length: float) -> Ink:
    return np.ones((1, max(1, round(length))), np.uint8)


def _transpose(ink: Ink) -> Ink:
    return np.asarray(cv2.transpose(ink), np.uint8)
