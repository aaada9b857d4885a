"""Parts ink into lines of text, in reading order, without the rules and frames around them."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from app.recognition.image.ink import Ink
from app.recognition.layout.components import Components, find_components
from app.recognition.layout.rules import remove_borders, remove_paper
from app.recognition.reading import Box

_INK = 64  # of 255; components are joined by ink at least so strong
_EDGE = 2  # pixels; TODO
_REMAINS = 0.5 #  share
_MAX_COMPONENTS = 1000  # the largest
_FLAT = 3.0  # widths of its height; so flat a component is no digit
_TALL = 0.45  # heights of a digit; components at least so tall make the lines, lower ones join them
_OVERLAP = 0.15  # of the lower one's height; tall components of one line overlap so much from neighbour to neighbour
_DISTANCE = 0.5  # heights of a digit; a low component that is farther above or below all tall ones is left out
_SPECK = 0.04  # heights of a digit; a component that is smaller in both directions is no dot


@dataclass(frozen=True)
class Line:
    """One line of text."""

    box: Box  # in the picture
    ink: Ink  # in the box, without other lines, frames, rules and borders
    borders: tuple[int, ...] = ()  # columns of the ink where borders of cells stood


def find_lines(ink: Ink) -> list[Line]:
    """Find the lines of text in ink, uint8 (height, width), from top to bottom."""
    window = Box(*cv2.boundingRect(ink))
    if not window.width:
        return []
    edges = np.zeros((window.height, window.width), np.uint8)
    edges[0], edges[-1] = window.y <= _EDGE, ink.shape[0] - window.bottom <= _EDGE
    edges[:, 0] |= window.x <= _EDGE
    edges[:, -1] |= ink.shape[1] - window.right <= _EDGE
    ink, rules = remove_paper(ink[window.slices])
    components = find_components(ink, level=_INK, framed=False, most=_MAX_COMPONENTS)
    ink, single, borders = remove_borders(ink, cv2.max(edges, rules), height=_digit_height(components))
    components = find_components(ink, level=_INK, framed=False, most=_MAX_COMPONENTS)
    height = _digit_height(components)
    remains = cv2.dilate(cv2.max(cv2.max(edges, rules), single), np.ones((5, 5), np.uint8))
    boxes = {
        label: box
        for label, box in components.boxes.items()
        if box.height >= _TALL * height or remains[box.slices].mean() < _REMAINS
    }
    lines = [
        _cut_line(ink, components, labels, borders=borders)
        for labels in _group(boxes, height=height)
    ]
    return [Line(line.box.moved(window.x, window.y), line.ink, line.borders) for line in lines]


def _digit_height(components: Components) -> float:
    """Return the height of a digit, in pixels: the median by ink."""
    boxes = list(components.boxes.values())
    if not boxes:
        return 1.0
    boxes = [b for b in boxes if b.width <= _FLAT * b.height and b.height <= 5 * b.width] or [b for b in boxes if b.width <= _FLAT * b.height] or boxes
    heights = np.sort([box.height for box in boxes])
    return float(heights[np.searchsorted(np.cumsum(heights), np.sum(heights) / 2)])


def _group(boxes: dict[int, Box], *, height: float) -> list[list[int]]:
    """Assign the keys of boxes to lines of digits that are `height` pixels tall, from top to bottom."""
    tall = {key: box for key, box in boxes.items() if box.height >= _TALL * height}
    lines: list[list[int]] = []
    for key, box in sorted(tall.items(), key=lambda item: item[1].x + item[1].width / 2):
        shares = [max(_overlap(box, tall[other]) for other in line[-2:]) for line in lines]
        if max(shares, default=0) > 0:
            lines[shares.index(max(shares))].append(key)
        else:
            lines.append([key])
    lines.sort(key=lambda line: tall[line[0]].y + tall[line[0]].height / 2)
    where = {key: line for line in lines for key in line}
    for key, box in boxes.items() - tall.items():
        if max(box.width, box.height) < _SPECK * height:
            continue
        nearest = min(tall, key=lambda other: _distance(box, tall[other]))
        if _gap(box.y, box.bottom, tall[nearest].y, tall[nearest].bottom) <= _DISTANCE * height:
            where[nearest].append(key)
    return lines


def _overlap(first: Box, second: Box) -> float:
    """Return the share of both boxes' rows that both have; 0 for neighbours of different lines."""
    common = -_gap(first.y, first.bottom, second.y, second.bottom)
    if common < _OVERLAP * min(first.height, second.height):
        return 0.0
    return common / (first.height + second.height - common)


def _distance(first: Box, second: Box) -> float:
    return max(0, _gap(first.y, first.bottom, second.y, second.bottom)) + max(0, _gap(first.x, first.right, second.x, second.right)) / 3


def _gap(start: int, end: int, other_start: int, other_end: int) -> int:
    """Return the distance between two ranges, below 0 where they overlap."""
    return max(start, other_start) - min(end, other_end)


def _cut_line(ink: Ink, components: Components, labels: list[int], *, borders: Iterable[Box]) -> Line:
    box = Box.around(components.boxes[label] for label in labels).grown(1, within=(ink.shape[1], ink.shape[0]))
    kept = np.zeros(components.count, np.uint8)
    kept[labels] = 1
    inside = components.labels[box.slices]
    others = cv2.subtract((inside > 0).view(np.uint8), kept[inside])
    own = cv2.subtract(cv2.dilate(others, np.ones((3, 3), np.uint8)), kept[inside]) == 0
    columns = (border.x + border.width // 2 - box.x for border in borders if _gap(border.y, border.bottom, box.y, box.bottom) < -box.height / 2)
    return Line(box, np.where(own, ink[box.slices], np.uint8(0)), tuple(sorted(column for column in columns if 0 < column < box.width)))
