"""Finds the lines of text in ink, without the ruled lines, borders and frames around them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.constants import LINES
from app.recognition.image.ink import Ink
from app.recognition.layout.components import SOLID, Components, find_components
from app.recognition.layout.grouping import Sides, digit_height, group_lines, is_low, sides_of
from app.recognition.layout.ruled_lines import remove_paper_lines, remove_single_lines
from app.recognition.reading import Box

_INK = int(LINES["ink"])  # of 255; fainter ink does not join components
_MAX_COMPONENTS = 1000  # the largest are kept, so that a picture of noise takes no seconds
_EDGE = 2  # pixels; a line so near to the edge of the picture goes on beyond it
_REMAINDER = 0.5  # of a low component's box, where a line as strong as it was removed: it is a part of that
_AS_STRONG = 0.75  # of a component's strongest ink
_MIN_FRAME = LINES["min_frame"]  # heights of a digit; frames are at least so high
_MIN_FRAMED = LINES["min_framed"]  # of a frame's height; what is framed is at least so high
_SLASH = LINES["slash"]  # heights per width; a narrower stroke inside a 0 does not make a frame of it
_MARGIN = LINES["frame_margin"]  # of a frame's sides
_WITHIN = LINES["within"]  # of a frame's ink; with more of it inside of the margin, a digit touches it
_COVERED = LINES["covered"]  # of each side of what is framed; so much has the frame beside it


@dataclass(frozen=True)
class Line:
    """One line of text."""

    box: Box  # in the picture
    ink: Ink  # in the box, without that of other lines, ruled lines, borders and frames
    borders: tuple[int, ...] = ()  # columns of the ink at which borders between cells were


def find_lines(ink: Ink) -> list[Line]:
    """Find the lines of text in the ink of a whole picture, uint8 (height, width), from top to bottom."""
    window = Box(*cv2.boundingRect(ink))
    if not window.width:
        return []
    whole = ink[window.slices]
    plain, components, digit = _remove_frames(remove_paper_lines(whole))
    if components.count > _MAX_COMPONENTS and ((whole > 0) & (whole < SOLID)).any():
        # The faint part of strong noise would join digits with each other.
        return find_lines(np.where(ink < SOLID, np.uint8(0), ink))
    ends = cv2.max(_find_edges(window, picture=ink), (plain < whole).view(np.uint8))
    borders: list[Box] = []
    cleaned = plain
    for _ in range(2):  # the height of a digit may be wrong where digits touch lines
        fewer, found = remove_single_lines(cleaned, np.asarray(ends, np.uint8), digit=digit)
        if fewer is cleaned:
            break
        cleaned, components, digit = _remove_frames(fewer)
        ends = cv2.max(ends, (cleaned < whole).view(np.uint8))
        borders += found
    boxes = components.boxes
    if cleaned is not whole:
        removed = cv2.dilate(np.where(cleaned < whole, whole, np.uint8(0)), np.ones((5, 5), np.uint8))
        boxes = {
            label: box
            for label, box in boxes.items()
            if not is_low(box, digit=digit)
            or (removed[box.slices] > _AS_STRONG * cleaned[box.slices].max()).mean() < _REMAINDER
        }
    lines = (_cut_line(cleaned, components, labels, borders) for labels in group_lines(boxes, digit=digit))
    return [replace(line, box=line.box.moved(window.x, window.y)) for line in lines]


def _find_edges(window: Box, *, picture: Ink) -> Ink:
    """Return the mask, 0 or 1, of the sides of the window that are edges of the picture."""
    edges = np.zeros((window.height, window.width), np.uint8)
    edges[0] |= window.y <= _EDGE
    edges[-1] |= picture.shape[0] - window.bottom <= _EDGE
    edges[:, 0] |= window.x <= _EDGE
    edges[:, -1] |= picture.shape[1] - window.right <= _EDGE
    return edges


def _remove_frames(ink: Ink) -> tuple[Ink, Components, float]:
    """Return ink without frames around digits, its components, and the height of a digit in pixels."""
    components = find_components(ink, level=_INK, framed=False, most=_MAX_COMPONENTS)
    boxes, sides = components.boxes, sides_of(components.boxes.values())
    around = []
    for (label, box), own in zip(boxes.items(), sides, strict=True):
        inside = ((sides - own) * (1, 1, -1, -1) > 0).all(axis=1)
        inside &= sides[:, 3] - sides[:, 1] >= _MIN_FRAMED * box.height
        if inside.any() and _is_around(
            components.labels[box.slices] == label, sides[inside] - own[[0, 1, 0, 1]]
        ):
            around.append(label)
    digit = digit_height(boxes[label] for label in boxes.keys() - set(around))
    frames = [label for label in around if boxes[label].height >= _MIN_FRAME * digit]
    if frames:
        ink = np.where(_mask(components.labels, frames, count=components.count), np.uint8(0), ink)
        boxes = {label: box for label, box in boxes.items() if label not in frames}
    return ink, replace(components, boxes=boxes), digit


def _is_around(component: NDArray[np.bool_], inside: Sides) -> bool:
    """Return whether a component, (height, width), runs around the boxes that lie `inside` its own."""
    height, width = component.shape
    down, across = int(_MARGIN * height), int(_MARGIN * width)
    within = np.count_nonzero(component[down : height - down, across : width - across])
    if within > _WITHIN * np.count_nonzero(component):
        return False
    left, top = inside[:, :2].min(axis=0)
    right, bottom = inside[:, 2:].max(axis=0)
    if len(inside) == 1 and bottom - top > _SLASH * (right - left):
        return False
    above, below = component[:top, left:right].any(axis=0), component[bottom:, left:right].any(axis=0)
    before, after = component[top:bottom, :left].any(axis=1), component[top:bottom, right:].any(axis=1)
    return all(side.mean() >= _COVERED for side in (above, below, before, after))


def _cut_line(ink: Ink, components: Components, labels: list[int], borders: Iterable[Box]) -> Line:
    """Cut one line out of ink, without other components and their soft edges."""
    box = Box.around(components.boxes[label] for label in labels).grown(
        1, within=(ink.shape[1], ink.shape[0])
    )
    ink = ink[box.slices]
    if len(labels) < components.count - 1:
        inside = components.labels[box.slices]
        own = _mask(inside, labels, count=components.count)
        others = (inside > 0) & ~own
        beside = cv2.dilate(others.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
        ink = np.where(beside & ~own, np.uint8(0), ink)
    columns = sorted(
        border.x + border.width // 2 - box.x
        for border in borders
        if 2 * (min(border.bottom, box.bottom) - max(border.y, box.y)) > box.height
    )
    return Line(box, ink, tuple(column for column in columns if 0 < column < box.width))


def _mask(labels: NDArray[np.int32], kept: list[int], *, count: int) -> NDArray[np.bool_]:
    """Return where labels, (height, width), below `count`, are kept."""
    table = np.zeros(count, np.bool_)
    table[kept] = True
    return np.asarray(table[labels])
