"""Measures how much each part of a digit's ink counts, by occlusion, and draws it as a heat map."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.recognition.image.ink import Ink
from app.recognition.readers.digit_reader import DigitPrediction, DigitReader

Heat = NDArray[np.float32]  # (28, 28), log-odds

SIDE = 280  # pixels of the heat map, ten for each of the normalised image
# The reader crops a drawing to ink above a tenth of full ink, and scales the longer side to 20 pixels.
# Covered ink is faded to just above that level, so that the crop stays and the ink is gone.
FRAME_LEVEL = 26  # of 255
_FADED = 31  # of 255
_NORMALISED_SIDE = 20  # pixels
_WINDOW = 6  # pixels of the normalised image; windows of 5 to 8 gave the same pictures
_STEP = 3  # pixels
_MIN_INK = 255  # sum of a window's ink, that of one full pixel; less has no effect
_SMOOTHING = 1.0  # pixels, a standard deviation; hides the edges of the windows
_MIN_PROBABILITY = 1e-7  # about the precision of float32 beside 1

# Red, green, blue. Orange and blue differ with any kind of colour blindness.
_PAPER = np.array([255.0, 255.0, 255.0])
_NEUTRAL = np.array([172.0, 168.0, 160.0])
_FOR = np.array([208.0, 84.0, 0.0])
_AGAINST = np.array([30.0, 92.0, 180.0])
_MIN_RANGE = 1.0  # log-odds; weaker heat all over is not drawn in full colours


def ink_of_normalised(normalised: NDArray[np.float32]) -> Ink:
    """Make ink, uint8 (28, 28), of a normalised image, which the reader normalises to the same image again.

    The faintest pixels are moved across the level to which the reader crops where the crop would change.
    """
    ink = np.rint(255 * np.clip(normalised, 0, 1)).astype(np.uint8)
    levels = {FRAME_LEVEL, *ink.max(axis=0).tolist(), *ink.max(axis=1).tolist()} - {0}
    for level in sorted(levels, key=lambda level: abs(level - FRAME_LEVEL)):
        inside = ink >= level
        if max(cv2.boundingRect(inside.view(np.uint8))[2:]) == _NORMALISED_SIDE:
            raised, lowered = np.maximum(ink, FRAME_LEVEL), np.minimum(ink, FRAME_LEVEL - 1)
            return np.where(inside, raised, lowered)
    return ink


def measure_heat(ink: Ink, *, digit: int, reader: DigitReader) -> Heat:
    """Cover the ink, uint8 (28, 28), window by window, and measure how much less probable `digit` becomes.

    Returns:
        float32 (28, 28): by how much the log-odds of `digit` fall, the mean of the windows that hold the
        pixel; below zero where covering makes the digit more probable; 0 where there is no ink.
    """
    whole = log_odds(reader.read_ink(ink), digit)
    total, windows = np.zeros(ink.shape, np.float32), np.zeros(ink.shape, np.float32)
    starts = range(_STEP - _WINDOW, len(ink), _STEP)
    spans = [slice(max(0, start), start + _WINDOW) for start in starts]
    for window in ((rows, columns) for rows in spans for columns in spans):
        if ink[window].sum() >= _MIN_INK:
            covered = ink.copy()
            covered[window] = np.minimum(ink[window], _FADED)
            total[window] += whole - log_odds(reader.read_ink(covered), digit)
        windows[window] += 1
    smooth = cv2.GaussianBlur(total / windows, (0, 0), _SMOOTHING)
    return np.where(ink >= FRAME_LEVEL, smooth, np.float32(0))


def log_odds(prediction: DigitPrediction, digit: int) -> float:
    """Return the natural logarithm of the odds of `digit` against all others."""
    others = float(np.delete(prediction.probabilities, digit).sum())
    own = float(prediction.probabilities[digit])
    return float(np.log(max(own, _MIN_PROBABILITY) / max(others, _MIN_PROBABILITY)))


def draw_heat_map(normalised: NDArray[np.float32], heat: Heat) -> bytes:
    """Return a PNG of SIDE x SIDE pixels: orange ink supports the digit, blue contradicts it, grey neither.

    `normalised` is float32 (28, 28), 0 paper to 1 ink. The strongest heat gets the full colour.
    """
    share = (heat / max(float(np.abs(heat).max()), _MIN_RANGE))[:, :, np.newaxis]
    pen = np.where(share > 0, _FOR, _AGAINST)
    colour = _NEUTRAL + np.abs(share) * (pen - _NEUTRAL)
    drawn = _PAPER + np.clip(normalised, 0, 1)[:, :, np.newaxis] * (colour - _PAPER)
    image = Image.fromarray(drawn.round().astype(np.uint8))
    png = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(png, format="PNG")
    return png.getvalue()
