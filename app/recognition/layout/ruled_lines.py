"""Removes ruled lines, also of squared paper, borders and combs, and keeps the strokes that cross them."""

import math
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.reading import Box

_Labels = NDArray[np.int32]  # (height, width), of strokes; 0 where there is none

_SIDE = 1000  # pixels; lines of larger pictures are found in a reduced picture, which is much faster
_FAINT, _STRONG = 24, 64  # of 255; the faintest ink of a line on paper, and of another line
_SMALL_DIGIT = 50  # pixels; where digits are taller by a factor, ink is reduced by it to find lines
_MOST = 100  # lines, the longest, so that noise takes no seconds
_MAX_SLOPE = 0.06  # 3 degrees
_RUN = (5, 16)  # pixels, shortest and longest; a line of one pixel at 3 degrees has runs of 19 pixels
_THICK = (3, 18)  # pixels; lines so thick are found at any size of digits, and no thicker ones
_MAX_GAP, _MAX_CROSSING = 8, 80  # pixels, in the reduced picture
_THIN = 0.3  # of a line's columns; so many at least are crossed or touched by no stroke
_UNEVEN = 0.75  # pixels; a line deviates less from a parabola, except a thick one
_CROSSING = 1.3  # times the line's thickness; ink that is taller is a stroke that crosses or touches the line
_STRONGER = 1.6  # times the line's strength; stronger ink is a pen's that runs along the line
_SOFT = 2  # pixels of soft edge on each side of a line
_ACROSS = 0.9  # of the ink's width or height; a line on paper is at least so long
_RULED, _SQUARED = 4, 3  # lines across the ink; so many, or so many in both directions, are those of paper
_CROSSED = 2  # so many in both directions are enough if so many horizontal ones are inside; a frame's are not
_INSIDE = 0.1  # of the ink's height; lines inside are farther from the top and the bottom
_TALLEST = 0.7  # of the ink's height; no digit is taller where a line runs across the ink
# Heights of a digit:
_THICKNESS, _GAP, _WIDTH = 0.15, 0.04, 0.7  # of a line, of a gap in it, and of what touches it, at most
_LONGEST = 3.0  # no stroke is longer
_SHORTEST = 1.25  # no line is shorter, other than the tooth of a comb
_NEAR = 0.1  # a border ends so near to the edge of the picture or to another line
_TOOTH = 0.2  # no tooth of a comb is shorter
_TEETH = 4  # fewer may be digits
_UNEQUAL, _UNEQUAL_STEPS = 0.05, 0.1  # by which the teeth of a comb differ, as shares of length and distance


def remove_paper_lines(ink: Ink) -> Ink:
    """Remove the lines of ruled or squared paper, which run across all ink, (height, width)."""
    small, step = _reduce(ink)
    height, width = small.shape
    inked = np.asarray(cv2.reduce(small, 0, cv2.REDUCE_MAX)) >= _FAINT
    if np.count_nonzero(inked) < _ACROSS * width:  # most numbers have paper between their digits
        return ink
    labels, rows = _find_strokes(small, digit=height, shortest=_ACROSS * width, level=_FAINT)
    if len(rows) < _CROSSED:
        return ink
    turned = _turn(small)
    column_labels, columns = _find_strokes(turned, digit=height, shortest=_ACROSS * height, level=_FAINT)
    inside = [row for row in rows.values() if _INSIDE * height < row.y < row.bottom < (1 - _INSIDE) * height]
    squared = min(len(rows), len(columns)) >= _SQUARED or min(len(inside), len(columns)) >= _CROSSED
    if squared or len(rows) >= _RULED:
        ink = _erase(ink, labels, rows, step=step, level=_FAINT)
    if squared:
        ink = _turn(_erase(_turn(ink), column_labels, columns, step=step, level=_FAINT))
    return ink


def remove_single_lines(ink: Ink, ends: Ink, *, digit: float) -> tuple[Ink, list[Box]]:
    """Remove single lines, borders and combs; return the ink, (height, width), and boxes of vertical lines.

    They are longer than any stroke of digits that are `digit` pixels tall, or begin and end where the mask
    `ends` is 1, at the edge of the picture or at another line.
    """
    small, step = _reduce(ink, least=int(digit // _SMALL_DIGIT))
    digit, ends = digit / step, _reduce(ends, least=step)[0]
    longest = _LONGEST * min(digit, _TALLEST * len(small))
    # Strokes that end at nothing are lines only if they are the longest. Most numbers have none: no search.
    shortest = min(longest, _SHORTEST * digit) if ends.any() else longest
    labels, found = _find_strokes(small, digit=digit, shortest=shortest, level=_STRONG)
    rows = _select_lines(found, _widen(ends, digit), shortest=_SHORTEST * digit, longest=longest)
    ink = _erase(ink, labels, rows, step=step, level=_STRONG)
    ends = _turn(cv2.max(ends, _mask(labels, rows)) if rows else ends)
    slope = _MAX_SLOPE if ends[1:-1, 1:-1].any() else 0  # without other lines, a leaning one is a stroke
    small = _turn(small)
    shortest = _TOOTH * digit if ends.any() else longest
    labels, found = _find_strokes(small, digit=digit, shortest=shortest, level=_STRONG, slope=slope)
    reach = _widen(ends, digit)
    columns = _select_lines(found, reach, shortest=_SHORTEST * digit, longest=longest)
    columns |= _find_teeth(found, reach)
    if columns:
        ink = _turn(_erase(_turn(ink), labels, columns, step=step, level=_STRONG))
    return ink, [Box(box.y, box.x, box.height, box.width).scaled(step) for box in columns.values()]


def _find_strokes(
    ink: Ink, *, digit: float, shortest: float, level: int, slope: float = _MAX_SLOPE
) -> tuple[_Labels, dict[int, Box]]:
    """Find straight horizontal strokes, with the parts of other strokes between; return labels and boxes."""
    closed = _morph((ink >= level).view(np.uint8), cv2.MORPH_CLOSE, width=min(_GAP * digit + 1, _MAX_GAP))
    empty = np.flatnonzero(np.asarray(cv2.reduce(closed, 0, cv2.REDUCE_MAX)) == 0)
    if np.diff(empty, prepend=-1, append=ink.shape[1]).max() <= shortest:  # no run of columns is long enough
        return np.zeros(ink.shape, np.int32), {}
    flat = _morph(closed, cv2.MORPH_OPEN, width=np.clip(digit / 4, *_RUN))
    tall = _morph(closed, cv2.MORPH_OPEN, height=np.clip(_THICKNESS * digit, *_THICK) + 1)
    bare = np.asarray(cv2.subtract(flat, tall), np.uint8)
    whole = cv2.min(_morph(bare, cv2.MORPH_CLOSE, width=min(_WIDTH * digit, _MAX_CROSSING)), closed)
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(whole, 8, cv2.CV_32S, cv2.CCL_BBDT)
    boxes = {}
    widths = stats[1:, cv2.CC_STAT_WIDTH]
    longest = np.argsort(-widths)[: min(_MOST, np.count_nonzero(widths >= shortest))]
    for label in longest + 1:
        *sides, area = map(int, stats[label])
        box = Box(*sides)
        if box.height <= 1.5 * area / box.width + slope * box.width + 1:
            boxes[int(label)] = box
    return np.asarray(labels, np.int32), boxes


def _widen(ends: Ink, digit: float) -> Ink:
    """Return the mask of what is near an end."""
    near = 2 * math.ceil(_NEAR * digit) + 1
    return _morph(ends, cv2.MORPH_DILATE, width=near, height=near) if ends.any() else ends


def _select_lines(strokes: dict[int, Box], ends: Ink, *, shortest: float, longest: float) -> dict[int, Box]:
    """Select the horizontal strokes that are lines."""
    lines = {}
    for label, box in strokes.items():
        bounded = _ends_at(ends, box, box.x) and _ends_at(ends, box, box.right - 1)
        if box.width >= (shortest if bounded else longest):
            lines[label] = box
    return lines


def _find_teeth(strokes: dict[int, Box], ends: Ink) -> dict[int, Box]:
    """Find the teeth of a comb, turned to the left: equal strokes at equal distances that end at a line."""
    ending = {label: box for label, box in strokes.items() if _ends_at(ends, box, box.right - 1)}
    for one in ending.values():
        most = 1 + _UNEQUAL * one.width
        teeth = {label: box for label, box in ending.items() if abs(box.width - one.width) <= most}
        if len(teeth) >= _TEETH:
            distances = np.diff(sorted(box.y for box in teeth.values()))
            steps = distances / max(1, np.median(distances))  # a tooth that a digit hides is a double step
            if steps.min() > 0.5 and np.abs(steps - steps.round()).max() <= _UNEQUAL_STEPS:
                return teeth
    return {}


def _ends_at(ends: Ink, box: Box, column: int) -> bool:
    return bool(ends[box.y : box.bottom, column].any())


def _erase(ink: Ink, labels: _Labels, lines: dict[int, Box], *, step: int, level: int) -> Ink:
    """Remove horizontal lines, but not stronger ink and strokes that cross or touch them."""
    if not lines:
        return ink
    drawn = np.zeros(labels.shape, np.uint8)
    thicknesses = [_draw_line(drawn[box.slices], labels[box.slices] == label) for label, box in lines.items()]
    drawn = drawn.repeat(step, axis=0).repeat(step, axis=1)[: ink.shape[0], : ink.shape[1]]
    solid = (ink >= level).view(np.uint8)
    thickness = step * float(np.median(thicknesses))
    crossing = _morph(solid, cv2.MORPH_OPEN, height=math.ceil(_CROSSING * thickness) + 1)
    own = cv2.subtract(cv2.min(drawn, solid), crossing) > 0
    if not own.any():
        return ink
    soft = _morph(drawn, cv2.MORPH_DILATE, height=2 * _SOFT * step + 1) > solid
    return np.where((own & (ink <= _STRONGER * np.median(ink[own]))) | soft, np.uint8(0), ink)


def _draw_line(mask: Ink, stroke: NDArray[np.bool_]) -> float:
    """Draw a line along the thin parts of a stroke, both (height, width), and return its thickness.

    Nothing is drawn if the stroke is uneven, as the lower ends of digits that touch are.
    """
    heights = np.count_nonzero(stroke, axis=0)
    thickness = float(np.quantile(heights, _THIN))
    thin = np.flatnonzero((heights > 0) & (heights <= max(1, thickness)))
    rows = np.arange(len(stroke))[:, np.newaxis]
    middles = (stroke * rows).sum(axis=0)[thin] / heights[thin]
    curve = np.polynomial.Polynomial.fit(thin, middles, deg=min(2, len(thin) - 1))
    if np.quantile(np.abs(curve(thin) - middles), 0.9) <= max(_UNEVEN, thickness / 4):
        mask[np.abs(rows - curve(np.arange(len(heights)))) <= thickness / 2 + 1] = 1
    return thickness


def _mask(labels: _Labels, kept: Iterable[int]) -> Ink:
    """Return the mask, 0 or 1, of labels that are kept."""
    table = np.zeros(int(labels.max(initial=0)) + 1, np.uint8)
    table[list(kept)] = 1
    return table[labels]


def _reduce(ink: Ink, *, least: int = 1) -> tuple[Ink, int]:
    """Shrink ink to the strongest of each square, so that no thin line is lost; return the square's side."""
    step = max(least, math.ceil(math.sqrt(ink.size) / _SIDE))
    if step == 1:
        return ink, step
    strongest = cv2.dilate(ink, np.ones((step, step), np.uint8), anchor=(0, 0))
    return np.ascontiguousarray(strongest[::step, ::step], np.uint8), step


def _morph(mask: Ink, operation: int, *, width: float = 1, height: float = 1) -> Ink:
    """Apply a morphological operation with a bar; horizontal lines may go on beyond the edges."""
    bar = np.ones((round(height), round(width)), np.uint8)
    if height == 1:
        return np.asarray(cv2.morphologyEx(mask, operation, bar), np.uint8)
    edge = cv2.BORDER_CONSTANT
    return np.asarray(cv2.morphologyEx(mask, operation, bar, borderType=edge, borderValue=0), np.uint8)


def _turn(ink: NDArray[Any]) -> Ink:
    return np.asarray(cv2.transpose(ink), np.uint8)
