"""Groups components into lines of text, by where their boxes lie."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from app.recognition.constants import LINES
from app.recognition.reading import Box

Sides = NDArray[np.int32]  # (n, 4), of boxes: left, top, right, bottom

# Widths per height, and heights per width; other components are hardly ever digits.
_FLAT, _NARROW = LINES["flat"], LINES["narrow"]
# Heights of a digit:
_TALL = LINES["tall"]  # components at least so tall make the lines, lower ones join them
_FULL = LINES["full"]  # a lower component does not show how far up and down its line reaches
_TOUCHING = LINES["touching"]  # there is no more paper between two parts of a digit, one above the other
_BESIDE = LINES["beside"]  # a tall comma is no farther to the right of its digit
_DISTANCE = LINES["distance"]  # a low component farther above or below all tall ones is in no line
_RULED = LINES["ruled"]  # a low component at least so wide, above or below a tall one, is a line under digits
_SPECK = 0.04  # a smaller component is no dot
_OVERLAP = LINES["overlap"]  # of the lower one's rows; neighbours of one line share so many


def sides_of(boxes: Iterable[Box]) -> Sides:
    """Return the sides of boxes, int32 (n, 4)."""
    return np.array([(box.x, box.y, box.right, box.bottom) for box in boxes], np.int32).reshape(-1, 4)


def digit_height(boxes: Iterable[Box]) -> float:
    """Return the height of a digit, in pixels: the median of all boxes, each weighted by its height."""
    boxes = list(boxes)
    no_bars = [box for box in boxes if box.width <= _FLAT * box.height] or boxes
    heights = np.sort([box.height for box in no_bars if box.height <= _NARROW * box.width])
    if not heights.size:
        heights = np.sort([box.height for box in no_bars] or [1])
    return float(heights[np.searchsorted(heights.cumsum(), heights.sum() / 2)])


def is_low(box: Box, *, digit: float) -> bool:
    """Return whether a component is a mark or a part of a digit, where digits are `digit` pixels tall."""
    return box.height < _TALL * digit


def group_lines(boxes: dict[int, Box], *, digit: float) -> list[list[int]]:
    """Assign the keys of boxes to lines of digits that are `digit` pixels tall, from top to bottom.

    Low components join the line of the nearest digit. Specks, and what is far from all digits, are left out.
    """
    tall = sorted(
        (key for key, box in boxes.items() if not is_low(box, digit=digit)),
        key=lambda key: 2 * boxes[key].x + boxes[key].width,
    )
    sides = sides_of(boxes[key] for key in tall)
    chains = _chain(sides, digit=digit)
    lines = [[tall[index] for index in chain] for chain in chains]
    line_of = {index: line for chain, line in zip(chains, lines, strict=True) for index in chain}
    for key in boxes.keys() - set(tall):
        nearest = _find_nearest(boxes[key], sides, digit=digit)
        if nearest is not None:
            line_of[nearest].append(key)
    return sorted(lines, key=lambda line: 2 * boxes[line[0]].y + boxes[line[0]].height)


def _chain(sides: Sides, *, digit: float) -> list[list[int]]:
    """Assign boxes, from left to right, to lines: each to that whose last box shares most rows with it.

    So a line may lean or bend. A part of a digit may also lie above or below the last box.
    """
    lines: list[list[int]] = []
    last: list[int] = []  # of each line, the last box of full height
    heights = sides[:, 3] - sides[:, 1]
    for index, box in enumerate(sides):
        shared = -_gaps(box, sides[last])[1]
        fits = shared / (heights[index] + heights[last] - shared)
        fits[shared < _OVERLAP * np.minimum(heights[index], heights[last])] = 0
        if not fits.any() and (heights[index] < _FULL * digit or len(sides) == 2):
            beside, above = _gaps(box, sides[[line[-1] for line in lines]])
            fits = (above <= _TOUCHING * digit) & (beside <= _BESIDE * digit)
        if not fits.any():
            lines.append([index])
            last.append(index)
            continue
        best = int(fits.argmax())
        lines[best].append(index)
        if heights[index] >= _FULL * digit:
            last[best] = index
    return lines


def _find_nearest(low: Box, tall: Sides, *, digit: float) -> int | None:
    """Return the index of the tall box nearest to a low component; None for a speck and a ruled line."""
    if max(low.width, low.height) < _SPECK * digit:
        return None
    beside, above = _gaps(sides_of([low])[0], tall)
    nearest = int((np.maximum(0, above) + np.maximum(0, beside) / 3).argmin())
    ruled = low.width >= max(_RULED * digit, _FLAT * low.height) and beside[nearest] < 0 < above[nearest]
    return None if ruled or above[nearest] > _DISTANCE * digit else nearest


def _gaps(box: Sides, others: Sides) -> Sides:
    """Return the paper beside and above or below, (2, n), between a box and others; below 0 is overlap."""
    return np.asarray((np.maximum(box[:2], others[:, :2]) - np.minimum(box[2:], others[:, 2:])).T)
