"""Finds where a component that holds several digits may be cut: paths from top to bottom through little ink.

The paths of least cost are found row by row, as in Avidan and Shamir, Seam Carving for Content-Aware Image
Resizing, 2007.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDESTEP = 0.35  # cost of a column to the side, in pixels of ink: cuts are upright unless leaning saves ink
_PAPER = 0.002  # cost of a row of paper, in pixels of ink: of two ways through paper the shorter one
_MIN_DISTANCE = 0.18  # between cuts, in heights of a digit
_EDGE_SHARE = 0.7  # of that distance, between a cut and the ends of the component
_MAX_STROKES = 3.0  # crossed by one cut, in widths of a stroke; two digits seldom touch along more
_MAX_CUTS = 12


# The first column to the right of a cut in each row, int (height,), and how many strokes it crosses.
Cut = tuple[NDArray[np.int64], float]


def find_cuts(ink: NDArray[np.bool_], *, height: float) -> list[Cut]:
    """Find the cuts of a component, from left to right, where digits are `height` pixels tall."""
    padded = np.pad(ink, 1).view(np.uint8)
    distances = np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 3))
    stroke_width = max(1.0, float(4 * distances[padded > 0].mean()))  # of ink to paper; exact for a long bar
    costs, paths = _find_paths(ink)
    inked = np.take_along_axis(ink, paths, axis=1)
    crossed = inked.sum(axis=0)
    places = np.where(crossed > 0, (paths * inked).sum(axis=0) / np.maximum(crossed, 1), paths.mean(axis=0))
    distance = max(2.0, _MIN_DISTANCE * height)
    inside = (places >= _EDGE_SHARE * distance) & (places <= ink.shape[1] - _EDGE_SHARE * distance)
    cheap = costs <= _MAX_STROKES * stroke_width + _PAPER * len(ink)
    chosen: list[int] = []
    for end in np.argsort(costs, kind="stable"):
        if len(chosen) == _MAX_CUTS or not cheap[end]:
            break
        if inside[end] and (np.abs(places[chosen] - places[end]) >= distance).all():
            chosen.append(int(end))
    chosen.sort(key=lambda end: float(places[end]))
    return [(paths[:, end], float(crossed[end]) / stroke_width) for end in chosen]


def split(ink: NDArray[np.bool_], cuts: list[Cut]) -> list[NDArray[np.bool_]]:
    """Split a component, (height, width), into one segment more than there are cuts; some may be empty."""
    columns = np.arange(ink.shape[1])
    segment = sum((columns >= cut[:, None] for cut, _ in cuts), np.zeros(ink.shape, np.int64))
    return [ink & (segment == number) for number in range(len(cuts) + 1)]


def _find_paths(ink: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the cost of the best path to each column of the last row, and its columns, (height, width)."""
    height, width = ink.shape
    row_costs = ink.astype(np.float32) + np.float32(_PAPER)
    steps = np.zeros(ink.shape, np.int8)
    costs = np.full(width + 2, np.inf, np.float32)  # with an end at each side that no path uses
    costs[1:-1] = row_costs[0]
    straight, left, right = costs[1:-1], costs[:-2], costs[2:]
    for row in range(1, height):
        aside = np.minimum(left, right) + np.float32(_SIDESTEP)
        steps[row] = (aside < straight) * np.where(left <= right, np.int8(-1), np.int8(1))
        costs[1:-1] = np.minimum(straight, aside) + row_costs[row]
    paths = np.empty((height, width), np.int64)
    paths[-1] = np.arange(width)
    for row in range(height - 1, 0, -1):
        paths[row - 1] = paths[row] + steps[row, paths[row]]
    return straight, paths
