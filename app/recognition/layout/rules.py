"""Takes rules out of ink: ruled and squared paper, frames and borders of cells; strokes across them are kept."""

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.reading import Box

_FAINT, _STRONG = 24, 64  # of 255; the faintest ink of a rule of paper, and of another rule
_SIDE = 1000  # pixels; the rules of larger pictures are found in a reduced picture, which is much faster
_MAX_SLOPE = 0.06  # 3 degrees
_RUN = 16  # pixels; a thin rule at 3 degrees has runs of 19 pixels
_STRONGER = 1.6  # times the rule's strength; stronger ink is a pen's that runs along the rule
_THIN = 0.3  # quantile
_UNEVEN = 0.75  # pixels
_SOFT = 2  # pixels of soft edge on each side of a rule
_ACROSS = 0.9  # of the ink's width or height; a rule of paper is at least so long
_RULED, _SQUARED = 4, 6  # rules from edge to edge; so many are paper
_HEIGHT = 0.7  # of the ink's height; no digit of paper with rules is taller
# Heights of a digit:
_THICK = 0.15  # a rule is no thicker
_GAP = 0.04  # a longer gap ends a rule
_CROSSING = 0.7  # a stroke across a rule is no wider
_LONGEST = 2.5  # no stroke is longer
_SHORTEST = 1.25  # no rule is shorter
_TOOTH = 0.2
_TEETH=4
_NEAR = 0.1  # the ends of a rule are so near to an edge, or to another rule


def remove_paper(ink: Ink) -> Ink:
    """Return ink without the rules of ruled or squared paper, or without one that is very long."""
    small, step = _reduce(ink)
    height = _HEIGHT * len(small)
    labels, rows = _find_strokes(small, height=height, shortest=_ACROSS * small.shape[1], level=_FAINT)
    labels_down, columns = _find_strokes(_turn(small), height=height, shortest=_ACROSS * len(small), level=_FAINT)
    squared = min(len(rows), len(columns)) >= 2 and len(rows) + len(columns) >= _SQUARED
    if not squared and len(rows) < _RULED:
        rows = {label: box for label, box in rows.items() if box.width >= _LONGEST * height}
    ink = _erase(ink, labels, rows, step=step, level=_FAINT)
    if squared:
        ink = _turn(_erase(_turn(ink), labels_down, columns, step=step, level=_FAINT))
    return ink


def remove_single_rules(ink: Ink, ends: Ink, *, height: float) -> tuple[Ink, list[Box]]:
    """Return ink without single rules, frames and borders, and the boxes of vertical ones.

    They are longer than any stroke of digits `height` pixels tall, or begin and end at the picture's edge or
    a rule, where `ends` is 1; vertical ones also at horizontal ones.
    """
    small, step = _reduce(ink)
    height, ends = height / step, _reduce(ends)[0]
    near = np.ones((2 * math.ceil(_NEAR * height) + 1,) * 2, np.uint8)
    labels, boxes = _find_strokes(small, height=height, shortest=_SHORTEST * height, level=_STRONG)
    rows = _keep(boxes, cv2.dilate(ends, near), height=height)
    ink = _erase(ink, labels, rows, step=step, level=_STRONG)
    ends = _turn(cv2.max(ends, _select(labels, rows)))
    slope = _MAX_SLOPE if ends[1:-1, 1:-1].any() else 0
    labels, boxes = _find_strokes(
        _turn(small), height=height, shortest=_TOOTH * height, level=_STRONG, slope=slope
    )
    ends = cv2.dilate(ends, near)
    columns = _keep(boxes, ends, height=height) | _find_teeth(boxes, ends)
    if columns:
        ink = _turn(_erase(_turn(ink), labels, columns, step=step, level=_STRONG))
    borders = [Box(box.y, box.x, box.height, box.width).scaled(step) for box in columns.values()]
    return ink, borders


def _keep(boxes: dict[int, Box], ends: Ink, *, height: float) -> dict[int, Box]:
    return {
        label: box
        for label, box in boxes.items()
        if box.width >= _LONGEST * height
        or (box.width >= _SHORTEST * height and all(ends[box.y : box.bottom, x].any() for x in (box.x, box.right - 1)))
    }


def _find_teeth(boxes: dict[int, Box], ends: Ink) -> dict[int, Box]:
    """Find the teeth of a comb: at least four equal strokes at equal distances that begin at a rule."""
    begun = {label: box for label, box in boxes.items() if ends[box.y : box.bottom, box.right - 1].any()}
    for first in begun.values():
        teeth = {label: box for label, box in begun.items() if abs(box.width - first.width) <= 1 + 0.05 * first.width}
        if len(teeth) >= _TEETH:
            steps = np.diff(sorted(box.y for box in teeth.values()))
            steps = steps / np.median(steps)
            if np.abs(steps - steps.round()).max() <= 0.1 and steps.min() > 0.5:
                return teeth
    return {}


def _find_strokes(
    ink: Ink, *, height: float, shortest: float, level: int, slope: float = _MAX_SLOPE
) -> tuple[NDArray[np.int32], dict[int, Box]]:
    """Return labels and boxes of straight horizontal strokes, with the strokes that cross them."""
    closed = cv2.morphologyEx((ink >= level).view(np.uint8), cv2.MORPH_CLOSE, _bar(min(_GAP * height + 1, 8)))
    flat = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _bar(np.clip(height / 4, 5, _RUN)))
    bare = cv2.subtract(flat, _tall(closed, np.clip(_THICK * height, 3, 10) + 1))
    whole = cv2.min(cv2.morphologyEx(bare, cv2.MORPH_CLOSE, _bar(min(_CROSSING * height, 80))), closed)
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(whole, 8, cv2.CV_32S, cv2.CCL_BBDT)
    boxes = {}
    for label in np.flatnonzero(stats[1:, cv2.CC_STAT_WIDTH] >= shortest) + 1:
        *sides, area = map(int, stats[label])
        box = Box(*sides)
        if box.height <= 1.5 * area / box.width + slope * box.width + 1:
            boxes[int(label)] = box
    return labels, boxes


def _select(labels: NDArray[np.int32], kept: Iterable[int]) -> Ink:
    """Return the mask, 0 or 1, of labels that are kept."""
    table = np.zeros(int(labels.max(initial=0)) + 1, np.uint8)
    table[list(kept)] = 1
    return table[labels]


def _erase(ink: Ink, labels: NDArray[np.int32], rules: dict[int, Box], *, step: int, level: int) -> Ink:
    """Remove horizontal rules, but not stronger ink and strokes that cross or touch them."""
    if not rules:
        return ink
    rule = np.zeros(labels.shape, np.uint8)
    thicknesses = [_draw_rule(rule[box.slices], labels[box.slices] == label) for label, box in rules.items()]
    rule = rule.repeat(step, axis=0).repeat(step, axis=1)[: ink.shape[0], : ink.shape[1]]
    solid = (ink >= level).view(np.uint8)
    crossing = _tall(solid, math.ceil(1.3 * step * np.median(thicknesses)) + 1)
    own = cv2.subtract(cv2.min(rule, solid), crossing) > 0
    if not own.any():
        return ink
    soft = cv2.subtract(cv2.dilate(rule, _bar(2 * _SOFT * step + 1).T), cv2.max(solid, crossing))
    return np.where((own & (ink <= _STRONGER * np.median(ink[own]))) | (soft > 0), np.uint8(0), ink)


def _draw_rule(mask: Ink, stroke: NDArray[np.bool_]) -> float:
    """Draw a straight or slightly bent rule along the thin parts of a stroke, and return its thickness.

    Nothing is drawn if the stroke is uneven, such as the bottoms of digits that touch.
    """
    heights = np.count_nonzero(stroke, axis=0)
    thickness = float(np.quantile(heights, _THIN))
    thin = np.flatnonzero((heights > 0) & (heights <= max(1, thickness)))
    rows = np.arange(len(stroke))[:, np.newaxis]
    centre = (stroke * rows).sum(axis=0)[thin] / heights[thin]
    curve = np.polynomial.Polynomial.fit(thin, centre, deg=min(2, len(thin) - 1))
    if np.quantile(np.abs(curve(thin) - centre), 0.9) <= max(_UNEVEN, thickness / 4):
        mask[np.abs(rows - curve(np.arange(len(heights)))) <= thickness / 2 + 1] = 1
    return thickness


def _reduce(ink: Ink) -> tuple[Ink, int]:
    """Shrink ink, to the strongest ink of each square, so that no thin rule is lost."""
    step = math.ceil(math.sqrt(ink.size) / _SIDE)
    if step == 1:
        return ink, step
    return np.ascontiguousarray(cv2.dilate(ink, np.ones((step, step), np.uint8), anchor=(0, 0))[::step, ::step]), step


def _tall(mask: Ink, length: float) -> Ink:
    """Keep vertical runs of at least `length` pixels."""
    border = {"borderType": cv2.BORDER_CONSTANT, "borderValue": (0,)}
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, _bar(length).T, **border)


def _bar(length: float) -> Ink:
    return np.ones((1, max(1, round(length))), np.uint8)


def _turn(ink: Ink) -> Ink:
    return np.asarray(cv2.transpose(ink), np.uint8)
