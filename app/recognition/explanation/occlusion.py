"""Measures what each place of a digit's ink says for or against an answer, by covering it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.readers.digit_reader import Answer, Reader
from app.recognition.readers.drawing import fit_drawing

Heat = NDArray[np.float32]  # (28, 28), log-odds

# In pixels of what is seen, where a digit's longer side has 20: windows of 5 to 8 gave the same pictures.
_WINDOW = 6
_STEP = 3
_LEAST_INK = 255  # the sum in a window, of one full pixel: less has nothing to say
_SMOOTHING = 1.0  # pixels, the standard deviation: takes the windows' edges away
# The reader frames a drawing by its ink from a tenth of full ink on (and by nothing else), its longer side to
# 20 pixels. What is covered is faded to just above that level, so that the frame stays and the ink is gone.
FRAME_LEVEL = 26
_FADED = 31
_BOX_SIDE = 20
_LEAST_PROBABILITY = 1e-7  # about what float32 tells from nothing beside 1


def ink_of_seen(seen: NDArray[np.float32]) -> Ink:
    """Make ink, uint8 (28, 28), of what the network saw, so that a reader sees the same once more.

    Its faintest pixels are moved across the level that frames a drawing where the frame would change.
    """
    ink = np.rint(255 * np.clip(seen, 0, 1)).astype(np.uint8)
    levels = {FRAME_LEVEL, *ink.max(axis=0).tolist(), *ink.max(axis=1).tolist()} - {0}
    for level in sorted(levels, key=lambda level: abs(level - FRAME_LEVEL)):
        inside = ink >= level
        if _longer_side(inside) == _BOX_SIDE:
            raised, lowered = np.maximum(ink, FRAME_LEVEL), np.minimum(ink, FRAME_LEVEL - 1)
            return np.where(inside, raised, lowered)
    return ink


def read_ink(reader: Reader, ink: Ink) -> Answer:
    """Read ink, uint8 (28, 28), as it is or with a part left out."""
    return reader.read(fit_drawing(ink, size=reader.drawing_size))


def measure_heat(ink: Ink, *, digit: int, reader: Reader) -> Heat:
    """Cover the ink, uint8 (28, 28), window by window, and see how much less likely `digit` becomes.

    Returns:
        float32 (28, 28): by how much the natural logarithm of the odds of `digit` falls, the mean of the
        windows that hold the pixel; below zero where covering makes the digit more likely; 0 off the ink.
    """
    whole = log_odds(read_ink(reader, ink), digit)
    total, windows = np.zeros(ink.shape, np.float32), np.zeros(ink.shape, np.float32)
    starts = range(_STEP - _WINDOW, len(ink), _STEP)
    for window in ((_span(row), _span(column)) for row in starts for column in starts):
        if ink[window].sum() >= _LEAST_INK:
            covered = ink.copy()
            covered[window] = np.minimum(ink[window], _FADED)
            total[window] += whole - log_odds(read_ink(reader, covered), digit)
        windows[window] += 1
    smooth = cv2.GaussianBlur(total / windows, (0, 0), _SMOOTHING)
    return np.where(ink >= FRAME_LEVEL, smooth, np.float32(0))


def log_odds(answer: Answer, digit: int) -> float:
    """Return the natural logarithm of the odds of `digit` against all others."""
    others = float(np.delete(answer.probabilities, digit).sum())
    own = float(answer.probabilities[digit])
    return float(np.log(max(own, _LEAST_PROBABILITY) / max(others, _LEAST_PROBABILITY)))


def _span(start: int) -> slice:
    return slice(max(0, start), start + _WINDOW)


def _longer_side(inside: NDArray[np.bool_]) -> int:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return int(max(rows[-1] - rows[0], columns[-1] - columns[0])) + 1
