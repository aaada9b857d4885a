"""The values of a reading, which the API and the page present: boxes, digits and their text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Expect = Literal["auto", "digit", "number"]

DIGITS = tuple("0123456789")  # the labels of most models

_LARGEST = 127  # number of a scaled embedding
_WIDE_GAP = 1.5  # heights of a digit; digits farther apart are parted by a space


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

    def to_json(self) -> tuple[int, int, int, int]:
        """Return (x, y, width, height)."""
        return self.x, self.y, self.width, self.height


@dataclass(frozen=True)
class Digit:
    """One digit of a picture."""

    digit: int  # the most probable, 0..9; of other numerals the index of its label
    confidence: float  # its probability, 0..1, calibrated
    digit_score: float  # the probability that the ink is a digit at all, 0..1, calibrated
    accepted: bool  # whether the ink is accepted as a digit
    probabilities: tuple[float, ...]  # of the digits, summing to 1
    box: Box  # of its ink, in the picture
    # float32 (28, 28), 0 paper to 1 ink: the input of the network
    normalised: NDArray[np.float32] = field(repr=False, compare=False)
    # float32 (E,): the input of the network's last layer, the same for ink of the same shape
    embedding: NDArray[np.float32] = field(repr=False, compare=False)
    line: int = 0  # of the text, from 0; lines without accepted digits have the number of the next line

    @property
    def scaled_embedding(self) -> list[int]:
        """The embedding in whole numbers from -127 to 127: only its direction matters."""
        scale = _LARGEST / max(float(np.abs(self.embedding).max()), 1e-6)
        return [int(number) for number in np.rint(scale * self.embedding)]

    def to_json(self, *, embedding: bool = False) -> dict[str, Any]:
        """Return all fields but the arrays; the box is (x, y, width, height)."""
        fields = vars(self) | {"box": self.box.to_json()}
        del fields["normalised"], fields["embedding"]
        return fields | {"embedding": self.scaled_embedding} if embedding else fields


@dataclass(frozen=True)
class Mark:
    """One mark beside the digits, such as a point, a slash or a currency sign."""

    mark: str  # one of . , - / : % $ € £
    confidence: float  # its probability, 0..1, calibrated
    box: Box  # in the picture
    line: int = 0  # likewise

    def to_json(self) -> dict[str, Any]:
        """Return all fields; the box is (x, y, width, height)."""
        return vars(self) | {"box": self.box.to_json()}


LineItem = Digit | Mark | None  # None where the border of a cell stood


@dataclass(frozen=True)
class Reading:
    """All digits and marks of one picture in reading order, and their text ("" for an empty picture)."""

    text: str  # the digits alone; lines end with a line feed, but not the last
    digits: tuple[Digit, ...]
    written: str = ""  # the marks as well
    marks: tuple[Mark, ...] = ()
    hint: str | None = None  # why the picture may have been read wrongly
    labels: tuple[str, ...] = DIGITS  # the sign of each digit

    @classmethod
    def of_lines(
        cls,
        lines: "Sequence[Sequence[LineItem]]",
        *,
        labels: tuple[str, ...] = DIGITS,
        hint: str | None = None,
    ) -> "Reading":
        """Return the reading of lines, of which only accepted digits make the text.

        A line without accepted digits is left out of the text, with its marks.
        """
        texts = [
            "".join(labels[sign.digit] for sign in line if isinstance(sign, Digit) and sign.accepted)
            for line in lines
        ]
        return cls(
            text="\n".join(filter(None, texts)),
            digits=tuple(sign for line in lines for sign in line if isinstance(sign, Digit)),
            written="\n".join(_write(line, labels) for line, text in zip(lines, texts, strict=True) if text),
            marks=tuple(sign for line in lines for sign in line if isinstance(sign, Mark)),
            hint=hint,
            labels=labels,
        )

    def to_json(self, *, embeddings: bool = False) -> dict[str, Any]:
        """Return the fields as in the API; the hint only if there is one."""
        fields = {
            "text": self.text,
            "written": self.written,
            "digits": [digit.to_json(embedding=embeddings) for digit in self.digits],
            "marks": [mark.to_json() for mark in self.marks],
        }
        return fields | {"hint": self.hint} if self.hint else fields


def _write(line: Sequence[LineItem], labels: Sequence[str]) -> str:
    """Return a line with its marks, and a space in every wide gap and at every border."""
    heights = [sign.box.height for sign in line if isinstance(sign, Digit) and sign.accepted]
    gap = _WIDE_GAP * median(heights)
    text, right = "", None
    for sign in line:
        if sign is None:
            text += " "
            continue
        text += " " * (right is not None and sign.box.x - right > gap)
        right = sign.box.right
        if isinstance(sign, Mark):
            text += sign.mark
        elif sign.accepted:
            text += labels[sign.digit]
    return " ".join(text.split())
