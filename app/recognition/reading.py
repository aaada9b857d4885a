"""What a picture was read as: the values that page and API present."""

from collections.abc import Iterable
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

    @property
    def right(self) -> int:
        """The first column to the right of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        """The column of its middle."""
        return self.x + self.width / 2

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of it, to index an array (height, width, ...) with."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    @classmethod
    def around(cls, boxes: "Iterable[Box]") -> "Box":
        """Return the smallest box that holds all of `boxes`, at least one."""
        boxes = tuple(boxes)
        x, y = min(box.x for box in boxes), min(box.y for box in boxes)
        return cls(x, y, max(box.right for box in boxes) - x, max(box.bottom for box in boxes) - y)

    def moved(self, x: int, y: int) -> "Box":
        """Return the box moved by `x` and `y` pixels."""
        return Box(self.x + x, self.y + y, self.width, self.height)

    def scaled(self, by: float) -> "Box":
        """Return the box in a picture that is `by` times as large."""
        x, y = round(self.x * by), round(self.y * by)
        return Box(x, y, round(self.right * by) - x, round(self.bottom * by) - y)

    def grown(self, by: int, *, within: tuple[int, int]) -> "Box":
        """Return a box that is `by` pixels larger on each side, kept within a picture of (width, height)."""
        x, y = max(0, self.x - by), max(0, self.y - by)
        return Box(x, y, min(within[0], self.right + by) - x, min(within[1], self.bottom + by) - y)


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
