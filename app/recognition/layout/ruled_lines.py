"""Takes away ruled lines that run through or under digits, and leaves the strokes that cross them."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.layout.components import SOLID

_LEVEL = 1.4  # heights of a digit: no stroke runs level for so long
_UPRIGHT = 1.8  # no stroke stands upright for so long
_ACROSS = 0.6  # of the ink's width: so far runs a line of ruled or squared paper
_DOWN = 0.9  # of its height: likewise of squared paper; a stem that is alone may be as tall
_LONG = 1.2  # of the ink's height: a single line so long is no stroke
_SEVERAL = 3  # shorter lines are ruled when there are so many
_SQUARED = 2  # or so many that run through the ink with another across them
_MOST_LINES = 40  # more are no squared paper
_THROUGH = 0.9  # of the ink's width or height: so far runs a line through it
_ALONG = 0.03  # of it: a line so near to an edge runs along it
_BROKEN = 0.2  # of the greatest thickness: shorter gaps in a line are part of it
_THICK = 0.2  # of a digit's height: what is thicker is no line
_STRONGER = 1.35  # times as strong as the line: ink of a pen that runs along it
_NARROW = 50  # times as long as wide is no picture of paper, and to look for lines as long takes minutes
_LARGE = 1000  # pixels a side: in a larger picture lines are found a little smaller, which is much faster
_SOFT = 2  # pixels on each side of a line that are its soft edge


def remove_ruling(ink: Ink) -> Ink:
    """Take the lines of ruled or squared paper out of ink where the digits' size is not known."""
    if max(ink.shape) > _NARROW * min(ink.shape):
        return ink
    step = max(1, round(math.sqrt(ink.size) / _LARGE))
    level, upright = _find_ruling(_reduce(ink, step))
    if upright.any():
        turned = _turn(ink)
        ink = _turn(_erase(turned, _enlarge(upright, step, like=turned)))
    return _erase(ink, _enlarge(level, step, like=ink)) if level.any() else ink


def remove_rules(ink: Ink, *, height: float) -> Ink:
    """Take single lines out of ink where digits are `height` pixels tall: level, and then upright ones."""
    thick = _THICK * height
    ink = _erase(ink, _find_level(ink, length=_LEVEL * height, thick=thick))
    turned = _turn(ink)
    return _turn(_erase(turned, _find_level(turned, length=_UPRIGHT * height, thick=thick)))


def _find_ruling(ink: Ink) -> tuple[Ink, Ink]:
    """Where the paper's level lines are, as (height, width) not 0, and its upright ones, (width, height)."""
    turned, (height, width) = _turn(ink), ink.shape
    thick, across = _THICK * min(height, width) / 2, _ACROSS * width
    level, upright = _find_level(ink, length=across, thick=thick, beyond=True), np.zeros_like(turned)
    if not level.any():
        return level, upright
    # Half as long at an edge is a leaning line, or the bar of a first or last 7: whole ones decide.
    ruled = _are_ruled(_find_level(ink, length=across, thick=thick), long=across >= _LONG * height)
    if ruled or _count(level) >= _SQUARED:
        upright = _find_level(turned, length=_DOWN * height, thick=thick, beyond=True)
        if _are_squared(ink, level, _turn(upright)):
            return _complete(level, ink), _complete(upright, turned)
    return level * ruled, upright * (ruled and _are_ruled(upright, long=False))


def _are_ruled(lines: Ink, *, long: bool) -> bool:
    """Say whether there are enough lines, as (height, width) not 0, to be those of the paper."""
    return _count(lines) >= (1 if long else _SEVERAL)


def _are_squared(ink: Ink, level: Ink, upright: Ink) -> bool:
    """Say whether lines cross each other as large squares do, of which a picture shows few lines.

    They run through the ink from edge to edge, which the sides of a square 0 do not, and are equally strong,
    which a 1 across the lines of ruled paper is not.
    """
    if not level.any() or not upright.any():
        return False
    through = _count_through(level), _count_through(upright.T)
    own = [_own_ink(ink, lines) for lines in (level, upright)]
    strengths = [float(np.median(each)) if each.size else 0.0 for each in own]
    return through[0] >= _SQUARED and through[1] >= 1 and max(strengths) <= _STRONGER * min(strengths)


def _complete(level: Ink, ink: Ink) -> Ink:
    """Add to level lines from edge to edge what was not found of them because they lean a little."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(level)
    whole, (height, width) = level.copy(), level.shape
    for label in range(1, min(count, _MOST_LINES + 1)):
        x, y, across, down = map(int, stats[label, :4])
        rows, columns = np.nonzero(labels[y : y + down, x : x + across] == label)
        rows, columns = rows + y, columns + x
        for _ in range(2):  # the second time with the ink where it was found to run
            slope, start = np.polyfit(columns, rows, 1)
            ends = round(start), round(start + slope * (width - 1))
            top = min(max(0, min(ends) - _SOFT), height - 1)
            bottom = max(top + 1, min(height, max(ends) + _SOFT + 1))
            line = np.zeros((bottom - top, width), np.uint8)
            cv2.line(line, (0, ends[0] - top), (width - 1, ends[1] - top), (1,), 2 * _SOFT + 1)
            rows, columns = np.nonzero((line > 0) & (ink[top:bottom] >= SOLID // 2))
            if columns.size <= width / 2:  # it does not run there
                break
            rows += top
        whole[top:bottom] |= line
    return whole


def _count(lines: Ink) -> int:
    return int(cv2.connectedComponents(lines)[0]) - 1


def _count_through(lines: Ink) -> int:
    """How many level lines run from edge to edge, and not along an edge."""
    height, width = lines.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(lines)
    top, bottom = stats[1:, cv2.CC_STAT_TOP], stats[1:, cv2.CC_STAT_TOP] + stats[1:, cv2.CC_STAT_HEIGHT]
    inside = (top > _ALONG * height) & (bottom < (1 - _ALONG) * height)
    return int(np.count_nonzero(inside & (stats[1:, cv2.CC_STAT_WIDTH] >= _THROUGH * width)))


def _reduce(ink: Ink, step: int) -> Ink:
    """Make ink `step` times smaller with the strongest of each square, so that no thin line is lost."""
    if step == 1:
        return ink
    strongest = cv2.dilate(ink, np.ones((step, step), np.uint8), anchor=(0, 0))
    return np.ascontiguousarray(strongest[::step, ::step])


def _enlarge(lines: Ink, step: int, *, like: Ink) -> Ink:
    """Where lines that were found in reduced ink are in the ink itself."""
    if step == 1:
        return lines
    height, width = like.shape
    return np.repeat(np.repeat(lines, step, axis=0), step, axis=1)[:height, :width]


def _turn(ink: Ink) -> Ink:
    return np.asarray(cv2.transpose(ink), np.uint8)


def _find_level(ink: Ink, *, length: float, thick: float, beyond: bool = False) -> Ink:
    """Where level lines are, as (height, width) not 0, at least `length` long and less than `thick`.

    Of those at an edge it is taken that they go on `beyond` it, or else that they end there.
    """
    solid = (ink >= SOLID // 2).view(np.uint8)
    closed = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, _bar(_BROKEN * thick)), np.uint8)
    runs = _open(closed, _bar(length), beyond=beyond)
    bodies = _open(runs, np.ones((max(2, round(thick)), 1), np.uint8), beyond=False)
    soft = np.ones((2 * _SOFT + 1, 1), np.uint8)
    return np.asarray(cv2.dilate(cv2.subtract(runs, bodies), soft), np.uint8)


def _open(mask: Ink, kernel: Ink, *, beyond: bool) -> Ink:
    """Keep of a mask of 0 and 1 what the kernel fits into, which may reach `beyond` the edges or not."""
    outside = (float(beyond),)
    fits = cv2.erode(mask, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=outside)
    return np.asarray(cv2.dilate(fits, kernel), np.uint8)


def _erase(ink: Ink, line: Ink) -> Ink:
    own = _own_ink(ink, line)
    if not own.size:
        return ink
    beside = np.where((ink >= SOLID // 2) & (line == 0), np.uint8(1), np.uint8(0))
    stronger = ink > _STRONGER * np.median(own)
    return np.where((line > 0) & ~stronger & ~_crossings(beside), np.uint8(0), ink)


def _own_ink(ink: Ink, line: Ink) -> Ink:
    """The ink of a line, (n,), without its soft edges and the paper beside it."""
    return ink[(line > 0) & (ink >= SOLID // 2)]


def _crossings(beside: Ink) -> NDArray[np.bool_]:
    """Where there is ink closely above and below, given the ink beside a line."""
    reach = 4 * _SOFT + 3
    kernel = np.ones((reach, 1), np.uint8)
    above = np.asarray(cv2.dilate(beside, kernel, anchor=(0, reach - 1)))
    below = np.asarray(cv2.dilate(beside, kernel, anchor=(0, 0)))
    return (above > 0) & (below > 0)


def _bar(length: float) -> Ink:
    return np.ones((1, max(1, round(length))), np.uint8)
