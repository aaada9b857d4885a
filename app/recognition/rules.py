"""Takes away ruled lines that run through or under digits, and leaves the strokes that cross them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.ink import Ink
from app.recognition.pieces import SOLID

_LEVEL = 1.4  # heights of a digit: no stroke runs level for so long
_UPRIGHT = 1.8  # no stroke stands upright for so long
_ACROSS = 0.6  # of the ink's width: so far runs a line of ruled or squared paper
_DOWN = 0.9  # of its height: likewise of squared paper; a stem that is alone may be as tall
_LONG = 1.2  # of the ink's height: a single line so long is no stroke
_SEVERAL = 3  # shorter lines are ruled when there are so many
_BROKEN = 0.2  # of the greatest thickness: shorter gaps in a line are part of it
_THICK = 0.2  # of a digit's height: what is thicker is no line
_STRONGER = 1.35  # times as strong as the line: ink of a pen that runs along it
_SOFT = 2  # pixels on each side of a line that are its soft edge


def remove_ruling(ink: Ink) -> Ink:
    """Take the lines of ruled or squared paper out of ink where the digits' size is not known."""
    height, width = ink.shape
    thick = _THICK * min(height, width) / 2
    lines = _find_level(ink, length=_ACROSS * width, thick=thick)
    if not _are_ruled(lines, long=_ACROSS * width >= _LONG * height):
        return ink
    upright = _find_level(ink.T, length=_DOWN * height, thick=thick)
    if _are_ruled(upright, long=False):
        ink = _erase(ink.T, upright).T
    return np.ascontiguousarray(_erase(ink, lines))


def remove_rules(ink: Ink, *, height: float) -> Ink:
    """Take single lines out of ink where digits are `height` pixels tall: level, and then upright ones."""
    thick = _THICK * height
    ink = _erase(ink, _find_level(ink, length=_LEVEL * height, thick=thick))
    return np.ascontiguousarray(_erase(ink.T, _find_level(ink.T, length=_UPRIGHT * height, thick=thick)).T)


def _are_ruled(lines: Ink, *, long: bool) -> bool:
    """Say whether there are enough lines, as (height, width) not 0, to be those of the paper."""
    return bool(cv2.connectedComponents(lines)[0] - 1 >= (1 if long else _SEVERAL))


def _find_level(ink: Ink, *, length: float, thick: float) -> Ink:
    """Where level lines are, as (height, width) not 0, at least `length` long and less than `thick`."""
    solid = (ink >= SOLID // 2).view(np.uint8)
    closed = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, _bar(_BROKEN * thick))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, _bar(length))
    bodies = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((max(2, round(thick)), 1), np.uint8))
    soft = np.ones((2 * _SOFT + 1, 1), np.uint8)
    return np.asarray(cv2.dilate(cv2.subtract(runs, bodies), soft), np.uint8)


def _erase(ink: Ink, line: Ink) -> Ink:
    if not line.any():
        return ink
    beside = np.where((ink >= SOLID // 2) & (line == 0), np.uint8(1), np.uint8(0))
    stronger = ink > _STRONGER * np.median(ink[line > 0])
    return np.where((line > 0) & ~stronger & ~_crossings(beside), np.uint8(0), ink)


def _crossings(beside: Ink) -> NDArray[np.bool_]:
    """Where there is ink closely above and below, given the ink beside a line."""
    reach = 4 * _SOFT + 3
    kernel = np.ones((reach, 1), np.uint8)
    above = np.asarray(cv2.dilate(beside, kernel, anchor=(0, reach - 1)))
    below = np.asarray(cv2.dilate(beside, kernel, anchor=(0, 0)))
    return (above > 0) & (below > 0)


def _bar(length: float) -> Ink:
    return np.ones((1, max(1, round(length))), np.uint8)
