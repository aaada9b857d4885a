"""Takes rules out of ink: ruled and squared paper, frames and borders of cells; strokes across them are kept."""

import math

import cv2
import numpy as np

from app.recognition.image.ink import Ink
from app.recognition.reading import Box

_INK = 64  # of 255; fainter ink is no rule
_SIDE = 1000  # pixels; the rules of larger pictures are found in a reduced picture, which is much faster
_MAX_SLOPE = 0.06  # 3 degrees
_RUNS = (5, 16)  # pixels; a rule of one pixel at 3 degrees has runs of 19 pixels
_THICKNESSES = (3, 14)  # pixels; a rule is at most as thick as the share below, within these bounds
_THICK_SHARE = 0.15  # of a digit's height
_GAP_SHARE = 0.04  # of a digit's height; gaps in a rule that are no longer belong to it
_CROSSING_SHARE = 0.35  # of a digit's height; a stroke across a rule is no wider
_STRONGER = 1.35  # times the rule's strength; stronger ink is a pen's that runs along the rule
_SOFT = 2  # pixels of soft edge on each side of a rule
_LONGEST = 2.5  # heights of a digit; no stroke is longer
_SHORTEST = 1.25  # heights of a digit; no rule is shorter
_NEAR = 0.2  # heights of a digit; a border ends so near to a rule or an edge


def remove_rules(ink: Ink, ends: Ink, *, height: float) -> tuple[Ink, Ink, list[Box]]:
    """Return ink without rules, where they were, and the boxes of the vertical ones.

    A rule is longer than any stroke of digits `height` pixels tall, or it begins and ends where the mask
    `ends`, 0 or 1, is 1. If it is vertical, it may also end at a horizontal rule, and
    is vertical, from one horizontal rule to the next. `edges`, 0 or 1, tells where the picture ends.
    """
    step = math.ceil(math.sqrt(ink.size) / _SIDE)
    small, height, ends = _reduce(ink, step), height / step, _reduce(ends, step)
    near = _bar(2 * math.ceil(_NEAR * height) + 1)
    rows, _ = _find_rules(small, height=height, ends=cv2.dilate(ends, near))
    stops = cv2.max(ends, rows)
    if not rows.any() and not ends[1:-1,1:-1].any(): stops[:]=0
    columns, borders = _find_rules(_turn(small), height=height, ends=cv2.dilate(_turn(stops), near))
    if rows.any():
        ink = _erase(ink, rows, step=step)
    if columns.any():
        ink = _turn(_erase(_turn(ink), columns, step=step))
    rules = cv2.max(rows, _turn(columns)).repeat(step,0).repeat(step,1)[:ink.shape[0],:ink.shape[1]]
    return ink, rules, [Box(box.y, box.x, box.height, box.width).scaled(step) for box in borders]


def _find_rules(ink: Ink, *, height: float, ends: Ink) -> tuple[Ink, list[Box]]:
    """Return the mask, 0 or 1, and the boxes of horizontal rules, with the strokes that cross them.

    Shorter ones begin and end where the mask `ends` is 1.
    """
    closed = cv2.morphologyEx((ink >= _INK).view(np.uint8), cv2.MORPH_CLOSE, _bar(_GAP_SHARE * height + 1))
    flat = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _bar(np.clip(height / 4, *_RUNS)))
    bare = cv2.subtract(flat, _tall(closed, np.clip(_THICK_SHARE * height, *_THICKNESSES) + 1))
    whole = cv2.min(cv2.morphologyEx(bare, cv2.MORPH_CLOSE, _bar(_CROSSING_SHARE * height)), closed)
    count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(whole, 8, cv2.CV_32S, cv2.CCL_BBDT)
    width, area = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    straight = stats[:, cv2.CC_STAT_HEIGHT] <= 1.5 * area / width + _MAX_SLOPE * width + 1
    straight[0] = False
    kept, boxes = np.zeros(count, np.uint8), []
    for label in np.flatnonzero(straight & (width >= _SHORTEST * height)):
        box = Box(*map(int, stats[label, :4]))
        if box.width >= _LONGEST * height or all(ends[box.y : box.bottom, x].any() for x in (box.x, box.right - 1)):
            kept[label] = 1
            boxes.append(box)
    return kept[labels], boxes


def _tall(mask: Ink, length: float) -> Ink:
    """Keep vertical runs of at least `length` pixels."""
    border = {"borderType": cv2.BORDER_CONSTANT, "borderValue": (0,)}
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, _bar(length).T, **border)


def _erase(ink: Ink, rules: Ink, *, step: int) -> Ink:
    """Remove horizontal rules, but not stronger ink and strokes that cross or touch them."""
    height, width = ink.shape
    rules = rules.repeat(step, axis=0).repeat(step, axis=1)[:height, :width]
    solid = (ink >= _INK).view(np.uint8)
    own = cv2.min(rules, solid)
    tops = cv2.subtract(own, np.roll(own, 1, axis=0))  # the first pixel of the rule in each column
    thickness = cv2.countNonZero(own) / max(1, cv2.countNonZero(tops))
    crossing = _tall(solid, math.ceil(1.5 * thickness) + 1)
    bare = cv2.subtract(cv2.dilate(rules, _bar(2 * _SOFT * step + 1).T), crossing)
    level = _STRONGER * np.median(ink[own > 0])
    return np.where((bare > 0) & (ink <= level), np.uint8(0), ink)


def _reduce(ink: Ink, step: int) -> Ink:
    """Shrink ink by `step`, to the strongest ink of each square, so that no thin rule is lost."""
    if step == 1:
        return ink
    return np.ascontiguousarray(cv2.dilate(ink, np.ones((step, step), np.uint8), anchor=(0, 0))[::step, ::step])


def _bar(length: float) -> Ink:
    return np.ones((1, max(1, round(length))), np.uint8)


def _turn(ink: Ink) -> Ink:
    return np.asarray(cv2.transpose(ink), np.uint8)
