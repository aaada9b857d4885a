"""Strokes of handwritten numbers, for the pen on the pad."""

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.handwriting import move_hand
from model_training.data.templates import Template, load_templates
from tests.app.ui.pen import Stroke
from tests.written_numbers import NEAT

_PEN = 0.05  # of the pad's side
_GAP = 0.03  # of the pad's side, from the ink of one digit to the next
_EDGE = 0.02  # of the pad's side
_HEIGHT = 0.5  # of the pad's side
_TOLERANCE = 0.004  # of the pad's side
# Two styles of each digit that are not mistaken for another digit.
_STYLES = {
    "0": ("oval", "slashed"),
    "1": ("short upstroke", "upstroke and foot"),
    "2": ("plain", "swan"),
    "3": ("round", "flat top"),
    "4": ("open", "closed"),
    "5": ("two strokes", "one stroke"),
    "6": ("curled", "straight"),
    "7": ("plain", "barred"),
    "8": ("one stroke", "two circles"),
    "9": ("straight", "curled"),
}


def write_strokes(number: str, *, seed: int) -> list[Stroke]:
    """Return the strokes of a number in the middle of the pad, in random styles, not touching."""
    generator = np.random.default_rng(seed)
    room = (1 - 2 * _EDGE) / len(number)
    strokes: list[Stroke] = []
    for index, digit in enumerate(number):
        style = _find_template(digit, _STYLES[digit][generator.integers(2)])
        middle = np.array([_EDGE + (index + 0.5) * room, 0.5])
        strokes += _write_digit(style, generator, middle=middle, width=room - _PEN - _GAP)
    return strokes


def _find_template(digit: str, style: str) -> Template:
    [found] = [each for each in load_templates("digits") if (each.sign, each.style) == (digit, style)]
    return found


def _write_digit(
    template: Template, generator: np.random.Generator, *, middle: NDArray[np.float64], width: float
) -> list[Stroke]:
    """Return the strokes of one digit around `middle`, no wider than `width`."""
    moved = [stroke[0] for stroke in move_hand(template.strokes, 1, generator=generator, hand=NEAT)]
    everything = np.concatenate(moved)
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = min(_HEIGHT / (high[1] - low[1]), width / max(high[0] - low[0], 1e-3))
    placed = [(stroke - (low + high) / 2) * scale + middle for stroke in moved]
    return [_thin(stroke) for stroke in placed]


def _thin(points: NDArray[np.float64]) -> Stroke:
    """Return the points that the shape of (p, 2) points needs: each is a message to the browser."""
    kept = cv2.approxPolyDP(points.astype(np.float32).reshape(-1, 1, 2), _TOLERANCE, False)
    return [(float(x), float(y)) for x, y in np.asarray(kept).reshape(-1, 2)]
