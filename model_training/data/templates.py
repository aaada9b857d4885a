"""Stroke templates: the styles of each sign, as strokes through control points from JSON files.

A file maps signs to styles to strokes. A stroke is a list of points [x, y], x right, y down, in hundredths of
the sign's height, joined by a smooth curve; a point given twice in a row is a corner. A stroke with the same
first and last point is closed.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

_FOLDER = Path(__file__).parent / "templates"
_SAMPLES = 8  # curve points per control point


@dataclass(frozen=True)
class Stroke:
    """One stroke of the pen.

    Attributes:
        control: float64 (c, 2), control points in heights of the sign.
        basis: float64 (p, c); `basis @ control` are p points along the curve.
        repeated: indices of the control points that repeat the one before and move with it.
        closed: whether it ends at its start.
    """

    control: NDArray[np.float64]
    basis: NDArray[np.float64]
    repeated: tuple[int, ...]
    closed: bool


@dataclass(frozen=True)
class Template:
    """One style of one sign."""

    sign: str
    style: str
    strokes: tuple[Stroke, ...]


@cache
def load_templates(name: Literal["digits", "marks", "others"]) -> tuple[Template, ...]:
    """Load all styles of the ten digits, of marks in numbers, or of signs that look like no digit."""
    signs = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return tuple(
        Template(sign, style, tuple(make_stroke(points) for points in strokes))
        for sign, styles in signs.items()
        for style, strokes in styles.items()
    )


def make_stroke(points: list[list[float]]) -> Stroke:
    """Return the stroke through points in hundredths of a sign's height."""
    control = np.array(points, float) / 100
    repeated = tuple(int(i) + 1 for i in np.flatnonzero((control[1:] == control[:-1]).all(axis=1)))
    closed = len(control) > 2 and bool((control[0] == control[-1]).all())
    return Stroke(control, _smooth_basis(len(control), corners=repeated), repeated, closed)


def _smooth_basis(count: int, *, corners: tuple[int, ...]) -> NDArray[np.float64]:
    """Return Catmull-Rom weights (p, count): a smooth curve from each corner to the next."""
    rows = []
    for start, end in zip((0, *corners), (*corners, count), strict=True):
        for first in range(start, end - 1):
            around = np.clip(np.arange(first - 1, first + 3), start, end - 1)
            for t in np.arange(_SAMPLES) / _SAMPLES:
                weights = [
                    -t + 2 * t**2 - t**3,
                    2 - 5 * t**2 + 3 * t**3,
                    t + 4 * t**2 - 3 * t**3,
                    t**3 - t**2,
                ]
                row = np.zeros(count)
                np.add.at(row, around, 0.5 * np.array(weights))
                rows.append(row)
        rows.append(np.eye(count)[end - 1])
    return np.array(rows)
