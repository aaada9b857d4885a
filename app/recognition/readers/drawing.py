"""Fits a region's ink into the square drawing that the reader takes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink

_FILL = 0.9  # of the drawing's side: what the longer side of tiny ink fills
_SEEN = 20  # pixels on the longer side of what the reader sees: smaller ink would show as squares there


def fit_drawing(ink: Ink, *, size: int) -> Ink:
    """Scale ink, uint8 (height, width), and centre it in a drawing, uint8 (size, size).

    Ink is enlarged or shrunk a whole number of times, each pixel to a square or each square to a pixel: the
    reader's own box filter brings it to the size that it sees. Only tiny ink is enlarged smoothly.
    """
    longer = max(ink.shape)
    if longer < _SEEN:
        scaled = _enlarge_smoothly(ink, by=round(_FILL * size) / longer)
    elif longer <= size:
        times = size // longer
        scaled = ink.repeat(times, axis=0).repeat(times, axis=1)
    else:
        scaled = _shrink(ink, times=-(-longer // size))
    height, width = scaled.shape
    top, left = (size - height) // 2, (size - width) // 2
    drawing = np.zeros((size, size), np.uint8)
    drawing[top : top + height, left : left + width] = scaled
    return drawing


def _enlarge_smoothly(ink: Ink, *, by: float) -> Ink:
    height, width = (max(1, round(side * by)) for side in ink.shape)
    scaled = cv2.resize(ink.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return _strengthen(np.asarray(scaled), ink)


def _shrink(ink: Ink, *, times: int) -> Ink:
    """Average squares of so many pixels a side."""
    # A side shorter than a square needs no paper added: all of its squares would have the same share of it.
    down, across = (-side % times if side > times else 0 for side in ink.shape)
    whole = cv2.copyMakeBorder(ink, 0, down, 0, across, cv2.BORDER_CONSTANT)
    size = (max(1, whole.shape[1] // times), max(1, whole.shape[0] // times))
    # In floating point: a 1-pixel line of a 4000-pixel picture averages to few of 255 levels.
    scaled = cv2.resize(whole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return _strengthen(np.asarray(scaled), ink)


def _strengthen(scaled: NDArray[np.float32], ink: Ink) -> Ink:
    """Make the strongest pixel as strong as before; a hair-thin line would fade away otherwise."""
    strengthened = scaled * (float(ink.max()) / max(float(scaled.max()), 1e-6))
    return strengthened.round().astype(np.uint8)
