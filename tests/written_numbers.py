"""Whole numbers drawn by one hand with one pen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model_training.data.handwriting import Hand, Points, draw_stroke, move_hand
from model_training.data.ink import Ink
from model_training.data.templates import Template, load_templates


@dataclass(frozen=True)
class Line:
    """Layout of a number, in heights of a digit; ranges are drawn from uniformly."""

    height: int = 80  # of a digit, in pixels
    pen_width: tuple[float, float] = (0.04, 0.09)  # one pen draws the whole number
    gap: tuple[float, float] = (0.15, 0.4)  # from the ink of one digit to the next; below 0 they may touch
    unevenness: float = 0.1  # largest deviation of a digit's size and base line
    margin: float = 0.3  # of paper around the number


# Neater than the drawings in the training data.
NEAT = Hand(wobble=0.02, displacement=0.5, overshoot=0.02, warp=0.02, slant=0.12, rotation=0.05, aspect=0.15)


def write_number(text: str, *, generator: np.random.Generator, hand: Hand = NEAT, line: Line = Line()) -> Ink:
    """Draw the digits of `text` side by side, each in a random style: ink uint8 (height, width).

    Raises:
        ValueError: `text` is empty or contains other characters than digits.
    """
    if not text or not set(text) <= set("0123456789"):
        raise ValueError(f"text must consist of the digits 0 to 9, not {text!r}")
    pen_width = generator.uniform(*line.pen_width)
    strokes: list[Points] = []
    right = 0.0
    for sign in text:
        styles = [template for template in load_templates("digits") if template.sign == sign]
        style = styles[generator.integers(len(styles))]
        digit = _write_digit(style, generator, hand=hand, line=line)
        left = min(stroke[..., 0].min() for stroke in digit)
        shift = right + pen_width - left
        strokes += [stroke + np.array([shift, 0.0]) for stroke in digit]
        right = max(stroke[..., 0].max() for stroke in strokes) + generator.uniform(*line.gap)
    return _draw(strokes, pen_width=pen_width, line=line)


def _write_digit(
    template: Template, generator: np.random.Generator, *, hand: Hand, line: Line
) -> list[Points]:
    """Return the strokes (1, p, 2) of a digit with its base at y = 1, in heights of a digit."""
    moved = move_hand(template.strokes, 1, generator=generator, hand=hand)
    everything = np.concatenate(moved, axis=1)
    low, high = everything.min(axis=1), everything.max(axis=1)
    size = 1 + generator.uniform(-line.unevenness, line.unevenness)
    base = 1 + generator.uniform(-line.unevenness, line.unevenness) / 2
    scale = size / max((high - low).max(), 1e-3)
    return [(stroke - high) * scale + np.array([0.0, base]) for stroke in moved]


def _draw(strokes: Sequence[Points], *, pen_width: float, line: Line) -> Ink:
    everything = np.concatenate(strokes, axis=1)[0]
    corner = everything.min(axis=0) - line.margin
    width, height = np.ceil((everything.max(axis=0) + line.margin - corner) * line.height).astype(int)
    ink = np.zeros((height, width), np.uint8)
    for stroke in strokes:
        draw_stroke(ink, (stroke[0] - corner) * line.height, width=pen_width * line.height)
    return ink
