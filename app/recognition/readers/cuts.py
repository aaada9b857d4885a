"""Where a piece of ink that holds several digits may be cut: paths from top to bottom through little ink.

The paths of least cost through a picture, found row by row; Avidan and Shamir, Seam Carving for
Content-Aware Image Resizing, 2007, use the same ones to another end.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDESTEP = 0.35  # cost of a column to the side, in pixels of ink: cuts are upright unless leaning saves ink
_PAPER = 0.002  # cost of a row of paper: of two ways through paper the shorter one
_APART = 0.18  # of a digit's height: cuts are at least so far from each other
_EDGE = 0.7  # of that distance: and so far from the ends of the piece
_MOST_STROKES = 3.0  # cut through by one cut; two digits seldom touch along more
_MOST_CUTS = 12


@dataclass(frozen=True)
class Cut:
    """One way through a piece, (height, width).

    Attributes:
        columns: int (height,), the first column to the right of the cut in each row.
        strokes: how much ink it crosses, in widths of a stroke.
    """

    columns: NDArray[np.int64]
    strokes: float


def find_cuts(piece: NDArray[np.bool_], *, height: float) -> list[Cut]:
    """Find the places where a piece may be cut, from left to right, where digits are `height` pixels tall."""
    stroke_width = max(1.0, _measure_stroke(piece))
    costs, steps = _find_paths(piece)
    paths = _trace(steps)
    inked = np.take_along_axis(piece, paths, axis=1)
    crossed = inked.sum(axis=0)
    places = np.where(crossed > 0, (paths * inked).sum(axis=0) / np.maximum(crossed, 1), paths.mean(axis=0))
    distance = max(2.0, _APART * height)
    inside = (places >= _EDGE * distance) & (places <= piece.shape[1] - _EDGE * distance)
    cheap = costs <= _MOST_STROKES * stroke_width + _PAPER * len(piece)
    chosen: list[int] = []
    for end in np.argsort(costs, kind="stable"):
        if len(chosen) == _MOST_CUTS or not cheap[end]:
            break
        if inside[end] and (np.abs(places[chosen] - places[end]) >= distance).all():
            chosen.append(int(end))
    chosen.sort(key=lambda end: float(places[end]))
    return [Cut(paths[:, end], float(crossed[end]) / stroke_width) for end in chosen]


def split(piece: NDArray[np.bool_], cuts: list[Cut]) -> list[NDArray[np.bool_]]:
    """Cut a piece, (height, width), into one part more than there are cuts; some may be empty."""
    columns = np.arange(piece.shape[1])
    part = sum((columns >= cut.columns[:, None] for cut in cuts), np.zeros(piece.shape, np.int64))
    return [piece & (part == number) for number in range(len(cuts) + 1)]


def _measure_stroke(piece: NDArray[np.bool_]) -> float:
    """The width of its strokes: four times the mean distance of ink to paper, exact for a long bar."""
    padded = np.pad(piece, 1).view(np.uint8)
    distances = np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 3))
    return float(4 * distances[padded > 0].mean())


def _find_paths(piece: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """The cost of the best path to each column of the last row, (width,), and each step to it, -1 to 1."""
    ink = piece.astype(np.float32) + np.float32(_PAPER)
    steps = np.zeros(piece.shape, np.int8)
    width = piece.shape[1]
    costs = np.full(width + 2, np.inf, np.float32)  # with an end at each side that no path comes from
    costs[1:-1] = ink[0]
    straight, left, right = costs[1:-1], costs[:-2], costs[2:]
    for row in range(1, len(ink)):
        aside = np.minimum(left, right) + np.float32(_SIDESTEP)
        leaning = aside < straight
        steps[row] = leaning * np.where(left <= right, np.int8(-1), np.int8(1))
        costs[1:-1] = np.minimum(straight, aside) + ink[row]
    return straight, steps


def _trace(steps: NDArray[np.int8]) -> NDArray[np.int64]:
    """The columns of all paths: (height, width), each path in the column in which it ends."""
    height, width = steps.shape
    paths = np.empty((height, width), np.int64)
    paths[-1] = np.arange(width)
    for row in range(height - 1, 0, -1):
        paths[row - 1] = paths[row] + steps[row, paths[row]]
    return paths
