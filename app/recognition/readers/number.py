"""Reads a number: finds the most probable of all ways to combine its ink into digits.

Each line of text is cut into segments: components, and parts of those that may hold several digits. A digit
is one segment or a few neighbours, and the digit reader gives its probability. Dynamic programming finds the
most probable chain of digits.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.constants import COSTS, NUMBER
from app.recognition.image.ink import Ink
from app.recognition.layout.components import Components, Region, find_components
from app.recognition.layout.grouping import split_lines, typical_height
from app.recognition.layout.ruled_lines import remove_paper_lines, remove_single_lines
from app.recognition.readers.cuts import find_cuts, split
from app.recognition.readers.digit_reader import DigitPrediction
from app.recognition.reading import Box

_WORKING_HEIGHT = 64.0  # pixels; taller digits are shrunk to it, as the reader would do anyway
_SOLID = 100  # of 255; fainter ink is a pattern or a shadow, and what it joins wrongly is cut
_SHRUNK_SOLID = 84  # of 255; a thin stroke fades a little when it is shrunk
_MAX_COMPONENTS = 200  # the largest; more are noise
_MAX_READS = 300  # of the digit reader; afterwards segments are not combined, so that noise takes no minutes
_MAX_SEGMENTS = 5  # of one digit: a 4 in two strokes that the cuts of a neighbour have parted
# Heights of a digit:
_RULED_SIZE = 1.4  # a component so wide or tall may hold a ruled line
_LOW = 0.45  # lower components are parts of digits and are never cut
_MIN_CUT_WIDTH = 0.55  # narrower components are one digit
_CERTAIN = 0.97  # probability; a component with a more probable digit, and no wider than high, is not cut
_STROKE_CUT = 0.8  # cost of each stroke that was cut through, a negative logarithm of probability
_PART_LOST = 3.0  # cost of leaving out a low segment of a component, for each squared height of ink in it


_Found = tuple[Region, DigitPrediction]
_Chain = tuple[float, tuple[_Found, ...]]  # the best way to read the first segments: its cost, and its digits


class _LimitedReader:
    """The digit reader, with the calls that are left until only necessary ones are made."""

    def __init__(self, read: Callable[[Ink], DigitPrediction]) -> None:
        self._read = read
        self._left = _MAX_READS

    @property
    def used_up(self) -> bool:
        return self._left <= 0

    def __call__(self, ink: Ink) -> DigitPrediction:
        self._left -= 1
        return self._read(ink)


@dataclass(frozen=True)
class _Line:
    """Segments of one line of text, from left to right."""

    ink: Ink
    labels: NDArray[np.int32]  # (height, width), 1 to n by segment; 0 is paper and ink outside of the line
    boxes: list[Box]  # of each segment
    cut: list[float]  # strokes that the cut at the left of each segment crosses; 0 where paper lies between
    height: float  # of a digit, in pixels
    top: float  # the row at which tall segments begin

    def region(self, first: int, last: int) -> Region:
        """Return the digit of the segments from `first` to `last`, from 0, with its soft edge."""
        box = Box.around(self.boxes[first : last + 1])
        box = box.grown(1, within=(self.ink.shape[1], self.ink.shape[0]))
        inside = self.labels[box.slices]
        own = (inside == 0) | ((inside > first) & (inside <= last + 1))
        return Region(box, np.where(own, self.ink[box.slices], np.uint8(0)))


def read_number(ink: Ink, read: Callable[[Ink], DigitPrediction], *, framed: bool) -> list[_Found]:
    """Read the digits in ink, uint8 (height, width), left to right, line by line; marks are left out."""
    ink, components, scale = _prepare(ink, framed=framed)
    height = typical_height(components.boxes.values())
    limited = _LimitedReader(read)
    found = [
        digit
        for labels in split_lines(components.boxes, height=height)
        for digit in _read_line(_cut_line(ink, components, labels, height=height, read=limited), limited)
    ]
    return [(Region(region.box.scaled(scale), region.ink), prediction) for region, prediction in found]


def _prepare(ink: Ink, *, framed: bool) -> tuple[Ink, Components, float]:
    """Return the ink without ruled lines, its components, and by how much it was shrunk."""
    ink = remove_paper_lines(ink)
    components = find_components(ink, level=_SOLID, framed=framed, most=_MAX_COMPONENTS)
    scale = max(1.0, typical_height(components.boxes.values()) / _WORKING_HEIGHT)
    if scale > 1:
        size = (max(1, round(ink.shape[1] / scale)), max(1, round(ink.shape[0] / scale)))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
        components = find_components(ink, level=_SHRUNK_SOLID, framed=framed, most=_MAX_COMPONENTS)
    height = typical_height(components.boxes.values())
    if any(max(box.width, box.height) > _RULED_SIZE * height for box in components.boxes.values()):
        ink = remove_single_lines(ink, height=height)
        components = find_components(ink, level=_SOLID, framed=framed, most=_MAX_COMPONENTS)
    return ink, components, scale


def _cut_line(
    ink: Ink, components: Components, labels: list[int], *, height: float, read: _LimitedReader
) -> _Line:
    """Cut the components of one line into segments, where they do not look like one digit each."""
    segments = np.zeros(ink.shape, np.int32)
    boxes: list[Box] = []
    cut: list[float] = []
    line_boxes = {label: components.boxes[label] for label in labels}
    for label, box in sorted(line_boxes.items(), key=lambda item: item[1].x + item[1].width / 2):
        own = components.labels[box.slices] == label
        cuts = []
        if _may_be_several(box, np.where(own, ink[box.slices], np.uint8(0)), height=height, read=read):
            cuts = find_cuts(own, height=height)
        for part, crossed in zip(split(own, cuts), [0.0, *(strokes for _, strokes in cuts)], strict=True):
            if not part.any():
                continue
            boxes.append(Box(*cv2.boundingRect(part.view(np.uint8))).moved(box.x, box.y))
            cut.append(crossed)
            segments[box.slices][part] = len(boxes)
    top = median([box.y for box in boxes if box.height >= _LOW * height] or [box.y for box in boxes])
    return _Line(ink, segments, boxes, cut, height, top)


def _may_be_several(box: Box, ink: Ink, *, height: float, read: _LimitedReader) -> bool:
    if read.used_up or box.width <= _MIN_CUT_WIDTH * height or box.height <= _LOW * height:
        return False
    return box.width > height or math.exp(-_cost_of_digit(read(ink))) < _CERTAIN


def _read_line(line: _Line, read: _LimitedReader) -> tuple[_Found, ...]:
    chains: list[_Chain] = [(0.0, ())]
    for last in range(len(line.boxes)):
        ways = [
            way
            for first in range(last, max(-1, last - _MAX_SEGMENTS), -1)
            if (way := _extend(chains[first], line, first, last, read=read))
        ]
        chains.append(min(ways, key=lambda way: way[0]))
    return chains[-1][1]


def _extend(chain: _Chain, line: _Line, first: int, last: int, *, read: _LimitedReader) -> _Chain | None:
    """Return the chain with the segments `first` to `last` as one digit or mark; None if they are neither."""
    (cost, digits), height = chain, line.height
    box = Box.around(line.boxes[first : last + 1])
    if first == last and box.height < NUMBER["mark_height"] * height:
        return cost + _cost_of_mark(line, first), digits
    too_large = box.width > NUMBER["max_width"] * height or box.height > NUMBER["max_height"] * height
    if first < last and (too_large or read.used_up):
        return None
    region = line.region(first, last)
    prediction = read(region.ink)
    not_a_digit = COSTS["not_a_digit"] - math.log(1 - prediction.digit_score + 1e-9)
    own = min(_cost_of_digit(prediction), not_a_digit)
    own += _STROKE_CUT * line.cut[first] + _cost_of_gaps(line, first, last)
    if digits:  # overlap with the box of the digit before, in widths of the narrower box
        before = digits[-1][0].box
        overlap = (min(before.right, box.right) - max(before.x, box.x)) / min(before.width, box.width)
        own += COSTS["overlap_per_width"] * max(0.0, overlap - COSTS["free_overlap_share"])
    own += COSTS["excess_width_per_height"] * max(0.0, box.width / height - 1)
    own += COSTS["missing_height_per_height"] * max(0.0, 0.5 - box.height / height)
    return cost + own, (*digits, (region, prediction))


def _cost_of_mark(line: _Line, segment: int) -> float:
    """Return the cost of leaving out a low segment: 0 for a point, comma or dash, not for a part or bar."""
    box, height = line.boxes[segment], line.height
    if any(line.cut[segment : segment + 2]):  # it was cut off a component
        area = np.count_nonzero(line.labels[box.slices] == segment + 1)
        return _PART_LOST * area / height**2
    high = box.bottom < line.top + NUMBER["high_mark_depth"] * height
    bar = high and box.width > max(2 * box.height, NUMBER["bar_width"] * height)  # possibly that of a 5
    return COSTS["lost_bar"] * bar


def _cost_of_digit(prediction: DigitPrediction) -> float:
    return -math.log(float(prediction.probabilities.max()) * prediction.digit_score + 1e-9)


def _cost_of_gaps(line: _Line, first: int, last: int) -> float:
    """Return the cost of the paper between the segments from `first` to `last`."""
    before, cost = line.boxes[first], 0.0
    for box, cut in zip(line.boxes[first + 1 : last + 1], line.cut[first + 1 : last + 1], strict=True):
        if cut == 0 and box.x >= before.right:
            cost += COSTS["gap_per_height"] * (box.x - before.right) / line.height
            tall = min(box.height, before.height) >= NUMBER["full_height"] * line.height
            cost += COSTS["full_height_parts_apart"] * tall
        before = Box.around((before, box))
    return cost
