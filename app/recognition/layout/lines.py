"""Parts ink into lines of text, in reading order, without the rules, frames and borders around them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.layout.components import Components, find_components
from app.recognition.layout.rules import remove_paper, remove_single_rules
from app.recognition.reading import Box

_Sides = NDArray[np.int32]  # of boxes, (n, 4): left, top, right, bottom
_INK = 64  # of 255; components are joined by ink at least so strong
_MAX_COMPONENTS = 1000  # the largest; more are noise
_EDGE = 2  # pixels; ink so near to the edge of its picture may go on beyond it
_REMAINS = 0.5  # of a low component's box; what lies so much where a rule was erased is a remainder of it
_AS_STRONG = 0.75
_FLAT, _NARROW = 3.0, 5.0  # widths per height and heights per width; such a component may be no digit
# Heights of a digit:
_TALL = 0.45  # components at least so tall make the lines, lower ones join them
_FULL = 0.7  # lower components do not show where the next digit of their line is
_IN_FRAME = 0.3
_SLASH=3
_FRAME=1.25
_AROUND=0.6
_TOUCHING = 0.13  # so little paper lies between two parts of a digit, one above the other
_BESIDE = 0.3  # a comma is so near to its digit
_DISTANCE = 0.5  # a low component that is farther above or below all tall ones is left out
_SPECK = 0.04  # a smaller component is no dot
_OVERLAP = 0.1  # of the rows of the lower one of two neighbours, which both have


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
    whole = ink[window.slices]
    plain = remove_paper(whole)
    components, height = _find_components(plain)
    ends = cv2.max(_edges(window, picture=ink), (plain < whole).view(np.uint8))
    cleaned, borders = remove_single_rules(plain, ends, height=height)
    if cleaned is not plain:
        components, height = _find_components(cleaned)
    erased = cv2.dilate(np.where(cleaned < whole, whole, np.uint8(0)), np.ones((5, 5), np.uint8))
    boxes = {
        label: box
        for label, box in components.boxes.items()
        if box.height >= _TALL * height
        or (erased[box.slices] > _AS_STRONG * cleaned[box.slices].max()).mean() < _REMAINS
    }
    lines = [_cut_line(cleaned, components, labels, borders) for labels in _group(boxes, height=height)]
    return [Line(line.box.moved(window.x, window.y), line.ink, line.borders) for line in lines]


def _edges(window: Box, *, picture: Ink) -> Ink:
    """Return the mask, 0 or 1, of the sides of the window that are those of the picture."""
    edges = np.zeros((window.height, window.width), np.uint8)
    edges[0], edges[-1] = window.y <= _EDGE, picture.shape[0] - window.bottom <= _EDGE
    edges[:, 0] |= window.x <= _EDGE
    edges[:, -1] |= picture.shape[1] - window.right <= _EDGE
    return edges


def _find_components(ink: Ink) -> tuple[Components, float]:
    """Find components without the frames around others, and the height of a digit in pixels."""
    components = find_components(ink, level=_INK, framed=False, most=_MAX_COMPONENTS)
    boxes = components.boxes
    sides = _sides(boxes.values())
    frames = set()
    for (label, box), own in zip(boxes.items(), sides, strict=True):
        inside = ((sides - own) * (1, 1, -1, -1) > 0).all(axis=1)
        if inside.any() and _is_frame(components.labels[box.slices] == label, sides[inside] - own[[0, 1, 0, 1]]):
            frames.add(label)
    height = _digit_height(boxes[label] for label in boxes.keys() - frames)
    frames = {label for label in frames if boxes[label].height >= _FRAME * height}
    return replace(components, boxes={label: boxes[label] for label in boxes if label not in frames}), height


def _is_frame(own: NDArray[np.bool_], inside: _Sides) -> bool:
    """Return whether a component (height, width) runs around digits `inside` its box."""
    inside = inside[inside[:, 3] - inside[:, 1] >= _IN_FRAME * len(own)]
    if not inside.size:
        return False
    left, top = inside[:, :2].min(axis=0)
    right, bottom = inside[:, 2:].max(axis=0)
    if len(inside) == 1 and bottom - top > _SLASH * (right - left):
        return False
    around = own[:top, left:right], own[bottom:, left:right], own[top:bottom, :left].T, own[top:bottom, right:].T
    return sum(each.any(axis=0).mean() >= _AROUND for each in around if each.size) >= 3


def _digit_height(boxes: Iterable[Box]) -> float:
    """Return the height of a digit, in pixels: the median of all, in which taller ones count more."""
    boxes = list(boxes)
    upright = [box for box in boxes if box.width <= _FLAT * box.height]
    heights = np.sort([box.height for box in upright if box.height <= _NARROW * box.width])
    if not heights.size:
        heights = np.sort([box.height for box in upright or boxes] or [1])
    return float(heights[np.searchsorted(heights.cumsum(), heights.sum() / 2)])


def _group(boxes: dict[int, Box], *, height: float) -> list[list[int]]:
    """Assign the keys of boxes to lines of digits that are `height` pixels tall, from top to bottom."""
    keys = sorted(boxes, key=lambda key: 2 * boxes[key].x + boxes[key].width)
    tall = [key for key in keys if boxes[key].height >= _TALL * height]
    sides = _sides(boxes[key] for key in tall)
    lines = _chain(sides, height=height)
    line_of = {index: line for line in lines for index in line}
    grouped = {id(line): [tall[index] for index in line] for line in lines}
    for key in boxes.keys() - set(tall):
        beside, above = _gaps(_sides([boxes[key]])[0], sides)
        if boxes[key].width >= max(1.3 * height, _FLAT * boxes[key].height) and ((beside < 0) & (above > 0) & (above<height/2)).any():
            continue
        beside, above = np.maximum(0, (beside, above))
        nearest = int((above + beside / 3).argmin())
        if above[nearest] <= _DISTANCE * height and max(boxes[key].width, boxes[key].height) >= _SPECK * height:
            grouped[id(line_of[nearest])].append(key)
    lines.sort(key=lambda line: int(sides[line[0], 1::2].sum()))
    return [grouped[id(line)] for line in lines]


def _chain(sides: _Sides, *, height: float) -> list[list[int]]:
    """Assign boxes, from left to right, to lines: each to the line whose last one has most rows in common."""
    lines: list[list[int]] = []
    full: list[int] = []  # of each line, the last box of full height
    heights = sides[:, 3] - sides[:, 1]
    for index, box in enumerate(sides):
        common = -_gaps(box, sides[full])[1]
        shares = common / (heights[index] + heights[full] - common)
        shares[common < _OVERLAP * np.minimum(heights[index], heights[full])] = 0
        if not shares.any() and (heights[index] < _FULL * height or len(sides) == 2):
            beside, above = _gaps(box, sides[[line[-1] for line in lines]])
            shares = (above <= _TOUCHING * height) & (beside <= _BESIDE * height)
        if not shares.any():
            lines.append([index])
            full.append(index)
        else:
            line = int(shares.argmax())
            lines[line].append(index)
            full[line] = index if heights[index] >= _FULL * height else full[line]
    return lines


def _sides(boxes: Iterable[Box]) -> _Sides:
    return np.array([(box.x, box.y, box.right, box.bottom) for box in boxes], np.int32).reshape(-1, 4)


def _gaps(box: _Sides, others: _Sides) -> _Sides:
    """Return the paper between the columns and the rows of a box and others, (2, n), below 0 where they overlap."""
    return (np.maximum(box[:2], others[:, :2]) - np.minimum(box[2:], others[:, 2:])).T


def _cut_line(ink: Ink, components: Components, labels: list[int], borders: Iterable[Box]) -> Line:
    box = Box.around(components.boxes[label] for label in labels).grown(1, within=(ink.shape[1], ink.shape[0]))
    kept = np.zeros(components.count, np.uint8)
    kept[labels] = 1
    inside = components.labels[box.slices]
    own = kept[inside]
    others = cv2.dilate(cv2.subtract((inside > 0).view(np.uint8), own), np.ones((3, 3), np.uint8))
    columns = [
        border.x + border.width // 2 - box.x
        for border in borders
        if min(border.bottom, box.bottom) - max(border.y, box.y) > box.height / 2
    ]
    return Line(
        box,
        np.where((own > 0) | (others == 0), ink[box.slices], np.uint8(0)),
        tuple(sorted(column for column in columns if 0 < column < box.width)),
    )
