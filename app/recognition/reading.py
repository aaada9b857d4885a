"""The values of a reading, which the API and the page present: boxes, digits and their text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Expect = Literal["auto", "digit", "number"]


@dataclass(frozen=True)
class Box:
    """A rectangle in a picture, in whole pixels; `x` and `y` are those of its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Return the first column to the right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Return the first row below the box."""
        return self.y + self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Return the rows and columns of the box, to index an array (height, width, ...) with."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    @classmethod
    def around(cls, boxes: "Iterable[Box]") -> "Box":
        """Return the smallest box that holds all of `boxes`, which are at least one."""
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
        """Return the box enlarged by `by` pixels on each side, clipped to a picture of (width, height)."""
        x, y = max(0, self.x - by), max(0, self.y - by)
        return Box(x, y, min(within[0], self.right + by) - x, min(within[1], self.bottom + by) - y)


@dataclass(frozen=True)
class Digit:
    """One digit of a picture."""

    digit: int  # the most probable, 0..9
    confidence: float  # its probability, 0..1, calibrated
    digit_score: float  # the reader's probability that the ink is a digit at all, 0..1, calibrated
    accepted: bool  # whether the ink is accepted as a digit; in a number the prior for digits counts too
    probabilities: tuple[float, ...]  # of the ten digits, summing to 1
    box: Box  # of its ink, in the picture
    # float32 (28, 28), 0 paper to 1 ink: the input of the network
    normalised: NDArray[np.float32] = field(repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return all fields but the normalised image; the box is (x, y, width, height)."""
        box = self.box
        fields = vars(self) | {"box": (box.x, box.y, box.width, box.height)}
        del fields["normalised"]
        return fields


@dataclass(frozen=True)
class Reading:
    """All digits of one picture in reading order, and their text ("" for an empty picture)."""

    text: str
    digits: tuple[Digit, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the text and the fields of each digit."""
        return {"text": self.text, "digits": [digit.to_json() for digit in self.digits]}
