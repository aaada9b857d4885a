"""Reads a number: of all ways to put its ink together to digits, finds the most probable.

Each line of ink is cut into atoms: its pieces, and parts of those that may hold several digits. A digit is
one atom or a few neighbours. The reader says how probable each such digit is, and dynamic programming finds
the chain of digits over all atoms that is the most probable as a whole.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.layout.components import Pieces, Region, find_pieces
from app.recognition.layout.ruled_lines import remove_rules, remove_ruling
from app.recognition.layout.text_lines import split_lines, typical_height
from app.recognition.readers.cuts import find_cuts, split
from app.recognition.readers.digit_reader import Answer
from app.recognition.reading import Box

_WORKING_HEIGHT = 64.0  # pixels: taller digits are shrunk to it, which the reader would do anyway
_SOLID = 100  # of 255: ink that is fainter is left to pattern and shadow; cuts part what it joins too much
_SHRUNK_SOLID = 84  # a thin stroke fades a little when it is shrunk
_RULE = 1.4  # of a digit's height: a piece so wide may hold a ruled line
_MOST_PIECES = 200  # the largest; more of them are noise
_MOST_READINGS = 300  # until then all ways are tried: noise must not keep the server busy
_MOST_ATOMS = 5  # of one digit: a 4 in two strokes that a neighbour's cuts have parted
_WIDEST = 1.45  # of a digit's height: no digit is wider
_TALLEST = 1.6  # of a digit's height: no digit is taller
_MARK = 0.3  # of a digit's height: what is lower alone is a point, a comma or a dash
_HIGH = 0.4  # of a digit's height below its top: points, commas and dashes lie lower
_BAR = 0.25  # of a digit's height: a bar is at least so wide
_TALL = 0.9  # of a digit's height: two pieces so tall beside each other are two digits
_LOW = 0.45  # of a digit's height: lower pieces are parts of digits and are never cut
_CUTTABLE = 0.55  # of a digit's height: narrower pieces are one digit
_SURE = 0.97  # a piece that is surely one digit, and no wider than its height, is not cut

# Costs, as negative logarithms of probability. They stand for what the reader, who sees each digit fitted
# into its frame, cannot know: how wide and tall it is beside its neighbours, and what was cut.
_STROKE_CUT = 0.8  # for each stroke that was cut through
_GAP = 2.0  # for each height of paper between the parts of one digit
_TALL_APART = 2.0  # for taking digits for one that stand apart
_OVERLAP = 6.0  # for each width of the narrower of two digits that stand above each other
_LEANING = 0.3  # of a width: leaning digits overlap so far
_WIDE = 2.0  # for each height by which a digit is wider than high
_SMALL = 4.0  # for each height by which a digit is lower than half of the line's digits
_PART_LOST = 3.0  # for leaving out a low part of a piece, for each squared height of ink in it
_BAR_LOST = 1.5  # for leaving out a mark so high that it may be the bar of a 5
_NO_DIGIT = 1.5  # for taking something for no digit


class _Readings:
    """Asks the reader, and counts how often it may be asked until only what must be read is."""

    def __init__(self, read: Callable[[Ink], Answer]) -> None:
        self._read = read
        self._left = _MOST_READINGS

    @property
    def used_up(self) -> bool:
        return self._left <= 0

    def __call__(self, ink: Ink) -> Answer:
        self._left -= 1
        return self._read(ink)


@dataclass(frozen=True)
class _Line:
    """Atoms of one line of ink: labels (height, width) are 1 to n from left to right.

    Attributes:
        ink: uint8 (height, width).
        labels: of the atoms; 0 is paper and what belongs to no piece.
        boxes: of each atom.
        cut: what the cut at the left of each atom crosses, in strokes; 0 where paper lies between.
        height: of a digit.
        top: where tall atoms begin.
    """

    ink: Ink
    labels: NDArray[np.int32]
    boxes: list[Box]
    cut: list[float]
    height: float
    top: float

    def is_whole(self, atom: int) -> bool:
        """Say whether an atom, counted from 0, is a piece of its own and no part of one that was cut."""
        return not any(self.cut[atom : atom + 2])

    def region(self, first: int, last: int) -> Region:
        """The digit of the atoms from `first` to `last`, counted from 0, with its soft edge."""
        box = Box.around(self.boxes[first : last + 1])
        box = box.grown(1, within=(self.ink.shape[1], self.ink.shape[0]))
        inside = self.labels[box.slices]
        own = (inside == 0) | ((inside > first) & (inside <= last + 1))
        return Region(box, np.where(own, self.ink[box.slices], np.uint8(0)))


@dataclass(frozen=True)
class _Chain:
    """The best way to read the atoms up to some place: its cost, and the digits of it."""

    cost: float
    digits: tuple[tuple[Region, Answer], ...]


def read_number(ink: Ink, read: Callable[[Ink], Answer], *, framed: bool) -> list[tuple[Region, Answer]]:
    """Read the digits in ink, uint8 (height, width), left to right, line by line; marks are left out."""
    ink, pieces, scale = _prepare(ink, framed=framed)
    height = typical_height(pieces.boxes.values())
    readings = _Readings(read)
    found = [
        digit
        for labels in split_lines(pieces.boxes, height=height)
        for digit in _read_line(_cut_line(ink, pieces, labels, height=height, read=readings), readings)
    ]
    return [(Region(region.box.scaled(scale), region.ink), answer) for region, answer in found]


def _prepare(ink: Ink, *, framed: bool) -> tuple[Ink, Pieces, float]:
    """The ink without ruled lines, its pieces, and by how much it was shrunk."""
    ink = remove_ruling(ink)
    pieces = find_pieces(ink, level=_SOLID, framed=framed, most=_MOST_PIECES)
    scale = max(1.0, typical_height(pieces.boxes.values()) / _WORKING_HEIGHT)
    if scale > 1:
        size = (max(1, round(ink.shape[1] / scale)), max(1, round(ink.shape[0] / scale)))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
        pieces = find_pieces(ink, level=_SHRUNK_SOLID, framed=framed, most=_MOST_PIECES)
    height = typical_height(pieces.boxes.values())
    if any(max(box.width, box.height) > _RULE * height for box in pieces.boxes.values()):
        ink = remove_rules(ink, height=height)
        pieces = find_pieces(ink, level=_SOLID, framed=framed, most=_MOST_PIECES)
    return ink, pieces, scale


def _cut_line(ink: Ink, pieces: Pieces, labels: list[int], *, height: float, read: _Readings) -> _Line:
    """Cut the pieces of one line into atoms, where they do not look like one digit each."""
    atoms = np.zeros(ink.shape, np.int32)
    boxes: list[Box] = []
    cut: list[float] = []
    for label in sorted(labels, key=lambda label: pieces.boxes[label].centre):
        box = pieces.boxes[label]
        own = pieces.labels[box.slices] == label
        cuts = []
        if _may_be_several(box, np.where(own, ink[box.slices], np.uint8(0)), height=height, read=read):
            cuts = find_cuts(own, height=height)
        for part, crossed in zip(split(own, cuts), [0.0, *(each.strokes for each in cuts)], strict=True):
            if not part.any():
                continue
            boxes.append(Box(*cv2.boundingRect(part.view(np.uint8))).moved(box.x, box.y))
            cut.append(crossed)
            atoms[box.slices][part] = len(boxes)
    top = median([box.y for box in boxes if box.height >= _LOW * height] or [box.y for box in boxes])
    return _Line(ink, atoms, boxes, cut, height, top)


def _may_be_several(box: Box, ink: Ink, *, height: float, read: _Readings) -> bool:
    if read.used_up or box.width <= _CUTTABLE * height or box.height <= _LOW * height:
        return False
    return box.width > height or math.exp(-_cost_of_digit(read(ink))) < _SURE


def _read_line(line: _Line, read: _Readings) -> tuple[tuple[Region, Answer], ...]:
    chains = [_Chain(0.0, ())]
    for last in range(len(line.boxes)):
        ways = [
            way
            for first in range(last, max(-1, last - _MOST_ATOMS), -1)
            if (way := _extend(chains[first], line, first, last, read=read))
        ]
        chains.append(min(ways, key=lambda way: way.cost))
    return chains[-1].digits


def _extend(chain: _Chain, line: _Line, first: int, last: int, *, read: _Readings) -> _Chain | None:
    """The chain with one more digit, or mark, of the atoms from `first` to `last`; None if there is none."""
    box, height = Box.around(line.boxes[first : last + 1]), line.height
    if first == last and box.height < _MARK * height:
        return _Chain(chain.cost + _cost_of_mark(line, first), chain.digits)
    too_large = box.width > _WIDEST * height or box.height > _TALLEST * height
    if first < last and (too_large or read.used_up):
        return None
    region = line.region(first, last)
    answer = read(region.ink)
    cost = min(_cost_of_digit(answer), _NO_DIGIT - math.log(1 - answer.digit_score + 1e-9))
    cost += _STROKE_CUT * line.cut[first] + _cost_of_gaps(line, first, last)
    cost += _OVERLAP * max(0.0, _overlap(chain, box) - _LEANING)
    cost += _WIDE * max(0.0, box.width / height - 1) + _SMALL * max(0.0, 0.5 - box.height / height)
    return _Chain(chain.cost + cost, (*chain.digits, (region, answer)))


def _cost_of_mark(line: _Line, atom: int) -> float:
    """What it costs to leave out a low atom, counted from 0: points, commas and dashes cost nothing."""
    box, height = line.boxes[atom], line.height
    if not line.is_whole(atom):
        area = np.count_nonzero(line.labels[box.slices] == atom + 1)
        return _PART_LOST * area / height**2
    bar = box.bottom < line.top + _HIGH * height and box.width > max(2 * box.height, _BAR * height)
    return _BAR_LOST * bar


def _cost_of_digit(answer: Answer) -> float:
    return -math.log(float(answer.probabilities.max()) * answer.digit_score + 1e-9)


def _overlap(chain: _Chain, box: Box) -> float:
    """How far a box reaches over the last digit of a chain, in widths of the narrower."""
    if not chain.digits:
        return 0.0
    before = chain.digits[-1][0].box
    return (min(before.right, box.right) - max(before.x, box.x)) / min(before.width, box.width)


def _cost_of_gaps(line: _Line, first: int, last: int) -> float:
    """What it costs that the atoms from `first` to `last` lie apart, from left to right."""
    before, cost = line.boxes[first], 0.0
    for box, cut in zip(line.boxes[first + 1 : last + 1], line.cut[first + 1 : last + 1], strict=True):
        if cut == 0 and box.x >= before.right:
            cost += _GAP * (box.x - before.right) / line.height
            cost += _TALL_APART * (min(box.height, before.height) >= _TALL * line.height)
        before = Box.around((before, box))
    return cost
