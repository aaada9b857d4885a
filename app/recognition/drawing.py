"""Fits a region's ink into the square drawing that the reader takes."""

import cv2
import numpy as np

from app.recognition.ink import Ink

_FILL = 0.9  # of the drawing's side: what the longer side of the ink fills when it is scaled smoothly
_SEEN = 20  # pixels on the longer side of what the reader sees: smaller ink would show as squares there


def fit_drawing(ink: Ink, *, size: int) -> Ink:
    """Scale ink, uint8 (height, width), and centre it in a drawing, uint8 (size, size).

    Small ink is enlarged a whole number of times, each pixel to a square, so that the reader's own box
    filter gets back the very same grey levels; tiny ink smoothly. Large ink is shrunk by averaging areas and
    then strengthened until its strongest pixel is as strong as before: a hair-thin line would fade away
    otherwise.
    """
    longer = max(ink.shape)
    if longer < _SEEN:
        scaled = _scale(ink, longer=round(_FILL * size), interpolation=cv2.INTER_LINEAR)
    elif longer <= size:
        times = size // longer
        scaled = np.kron(ink, np.ones((times, times), np.uint8))
    else:
        scaled = _scale(ink, longer=round(_FILL * size), interpolation=cv2.INTER_AREA)
    height, width = scaled.shape
    top, left = (size - height) // 2, (size - width) // 2
    drawing = np.zeros((size, size), np.uint8)
    drawing[top : top + height, left : left + width] = scaled
    return drawing


def _scale(ink: Ink, *, longer: int, interpolation: int) -> Ink:
    scale = longer / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    # In floating point: a 1-pixel line of a 4000-pixel picture averages to few of 255 levels.
    scaled = np.asarray(cv2.resize(ink.astype(np.float32), (width, height), interpolation=interpolation))
    strengthened = scaled * (float(ink.max()) / max(float(scaled.max()), 1e-6))
    return strengthened.round().astype(np.uint8)
