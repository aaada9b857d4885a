"""Pen digits of the UCI repository in their original form: digits as pen strokes, by thirty writers.

Pen-Based Recognition of Handwritten Digits, E. Alpaydin and F. Alimoglu, DOI 10.24432/C5MG6K, CC BY 4.0.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_training.data.files import read_verified

Strokes = tuple[NDArray[np.float64], ...]  # each (p, 2), x right, y down

_SHA256 = "a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4"
_COMMENT = re.compile(r"\.COMMENT\s+(\d)\s+(\d+)\s+\d+")


@dataclass(frozen=True)
class PenDigit:
    """One digit by one writer; its strokes lie between y = 0 and y = 1."""

    label: int
    writer: int
    strokes: Strokes


def load_pen_digits(path: Path) -> tuple[PenDigit, ...]:
    """Load `pendigits-orig.tra`, 7,494 digits in the UNIPEN format.

    Raises:
        DatasetError: the file cannot be read, or is another.
    """
    data = read_verified(path, name="pendigits-orig.tra", sha256=_SHA256)
    return parse_pen_digits(data.decode("ascii"))


def parse_pen_digits(text: str) -> tuple[PenDigit, ...]:
    """Return the digits of a text in the UNIPEN format, each with a comment of label, writer and number."""
    digits: list[PenDigit] = []
    for segment in text.split(".SEGMENT DIGIT")[1:]:
        comment = _COMMENT.search(segment)
        strokes = [_parse_points(part.split(".PEN_UP")[0]) for part in segment.split(".PEN_DOWN")[1:]]
        strokes = [stroke for stroke in strokes if len(stroke)]
        if comment and strokes:
            digits.append(PenDigit(int(comment[1]), int(comment[2]), _normalise(strokes)))
    return tuple(digits)


def _parse_points(text: str) -> NDArray[np.float64]:
    return np.array(text.split(), float).reshape(-1, 2)


def _normalise(strokes: list[NDArray[np.float64]]) -> Strokes:
    """Turn y down, and scale to a height of 1, or flat strokes to a width of 1.5."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 1 / max(high[1] - low[1], (high[0] - low[0]) / 1.5, 1e-6)
    upper_left = np.array([low[0], high[1]])
    return tuple((stroke - upper_left) * (scale, -scale) for stroke in strokes)
