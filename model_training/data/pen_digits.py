"""Pen digits of the UCI repository in their original form: digits as pen strokes, by thirty writers.

Pen-Based Recognition of Handwritten Digits, E. Alpaydin and F. Alimoglu, DOI 10.24432/C5MG6K, CC BY 4.0.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray
from unlzw3 import unlzw

from model_training.data.data_sets import PEN_DIGITS, download, read_verified, verify

Strokes = tuple[NDArray[np.float64], ...]  # each (p, 2), x right, y down

_PACKED = "pendigits-orig.tra.Z"  # in the archive of the UCI repository
_HELD_OUT = 3  # every third writer, by number
_COMMENT = re.compile(r"\.COMMENT\s+(\d)\s+(\d+)\s+\d+")


@dataclass(frozen=True)
class PenDigit:
    """One digit by one writer; its strokes lie between y = 0 and y = 1."""

    label: int
    writer: int
    strokes: Strokes


def load_pen_digits(path: Path | None = None) -> tuple[PenDigit, ...]:
    """Load `pendigits-orig.tra`, 7,494 digits in the UNIPEN format, or download it once.

    Raises:
        DatasetError: the file cannot be read or is another, or the download fails.
    """
    data = _download() if path is None else read_verified(path, PEN_DIGITS)
    return parse_pen_digits(data.decode("ascii"))


def _download() -> bytes:
    archive = download(PEN_DIGITS)
    with ZipFile(archive) as files:
        (packed,) = (name for name in files.namelist() if name.endswith(_PACKED))
        data = bytes(unlzw(files.read(packed)))
    verify(data, PEN_DIGITS, origin=archive)
    return data


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


def split_writers(digits: Sequence[PenDigit]) -> tuple[tuple[PenDigit, ...], tuple[PenDigit, ...]]:
    """Return the digits for training, and those of other writers, one in three, for validation."""
    held_out = [digit.writer % _HELD_OUT == 0 for digit in digits]
    return tuple(compress(digits, map(not_, held_out))), tuple(compress(digits, held_out))


def _parse_points(text: str) -> NDArray[np.float64]:
    return np.array(text.split(), float).reshape(-1, 2)


def _normalise(strokes: list[NDArray[np.float64]]) -> Strokes:
    """Turn y down, and scale to a height of 1, or flat strokes to a width of 1.5."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 1 / max(high[1] - low[1], (high[0] - low[0]) / 1.5, 1e-6)
    upper_left = np.array([low[0], high[1]])
    return tuple((stroke - upper_left) * (scale, -scale) for stroke in strokes)
