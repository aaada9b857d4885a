"""What a picture was read as: the values that page and API present."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Expect = Literal["auto", "digit", "number"]


@dataclass(frozen=True)
class Box:
    """A rectangle in the picture, in whole pixels from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Digit:
    """One digit as the reader saw it.

    Attributes:
        digit: the most probable digit, 0..9.
        confidence: its probability, 0..1, calibrated.
        digit_score: how digit-like the ink is, 0..1.
        accepted: whether `digit_score` reaches the release's acceptance threshold.
        probabilities: of the ten digits, summing to 1.
        box: where its ink lies in the picture.
        seen: float32 (28, 28), 0 paper to 1 ink: what the network looked at.
    """

    digit: int
    confidence: float
    digit_score: float
    accepted: bool
    probabilities: tuple[float, ...]
    box: Box
    seen: NDArray[np.float32] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Reading:
    """All digits of one picture in reading order, and the text that they make ("" for an empty picture)."""

    text: str
    digits: tuple[Digit, ...]
