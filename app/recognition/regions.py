"""Finds where digits lie in the ink: connected pieces put together into digits, in reading order."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.ink import Ink
from app.recognition.lines import group_strokes, in_reading_order, typical_height
from app.recognition.reading import Box, Expect

# Neighbouring digits touch only where the ink is this strong, and a piece without any is a shadow. At 64 the
# printed pattern of a cheque joined its digits: 13 % of the amounts right, 27 % at 128, pen numbers alike.
_SOLID = 128
_SPECK_AREA = 0.005  # of the largest piece: smaller ones are specks; a pixel of a 28x28 digit is more
_MOST_PIECES = 2000  # a picture full of noise must not keep the server busy: the largest pieces count
_FRAME_MARGIN = 0.12  # of the picture: a frame has all its ink this near to the edge, a tight 0 has not
_MARK_HEIGHT = 0.3  # of the digits' height: lower marks are points, commas and dashes
_DIGIT_WIDTH = 1.2  # of its height: hardly a digit is wider
_COMPARABLE_HEIGHT = 0.5  # of the tallest: digits of one number are at least this tall


@dataclass(frozen=True)
class Region:
    """One digit's ink.

    Attributes:
        box: where it lies in the picture.
        ink: uint8 (box.height, box.width), 0 paper to 255; what belongs to other digits is left out.
    """

    box: Box
    ink: Ink


@dataclass(frozen=True)
class _Pieces:
    """Connected pieces of ink: int32 labels (height, width), and box and label of each piece that counts."""

    labels: NDArray[np.int32]
    boxes: dict[int, Box]


def find_regions(ink: Ink, *, expect: Expect) -> tuple[Region, ...]:
    """Find the digits in ink, uint8 (height, width), as `expect` says; none when there is no ink."""
    x, y, width, height = cv2.boundingRect(ink)  # a small part of most pictures, and the rest costs time
    window = ink[y : y + height, x : x + width]
    full = min(width / ink.shape[1], height / ink.shape[0]) >= 1 - 2 * _FRAME_MARGIN
    regions = _find_in_window(window, expect, framed=full)
    return tuple(Region(region.box.moved(x, y), region.ink) for region in regions)


def _find_in_window(ink: Ink, expect: Expect, *, framed: bool) -> tuple[Region, ...]:
    if not ink.size:
        return ()
    if expect == "digit":
        return _find_one(ink, framed=framed)
    pieces = _find_pieces(ink, level=_SOLID, framed=framed)
    groups = group_strokes(pieces.boxes)
    if expect == "auto" and not _is_number(groups, ink, framed=framed):
        return _find_one(ink, framed=framed)
    tall = _MARK_HEIGHT * typical_height(groups.values())
    digits = {members: box for members, box in groups.items() if box.height >= tall}
    ordered = in_reading_order(digits)
    return tuple(_cut(ink, pieces.labels, members=members, box=digits[members]) for members in ordered)


def _find_one(ink: Ink, *, framed: bool) -> tuple[Region, ...]:
    """Take all ink as one digit, but for specks and a frame around it."""
    pieces = _find_pieces(ink, level=1, framed=framed)
    if not pieces.boxes:
        return ()
    box = Box.around(pieces.boxes.values())
    return (_cut(ink, pieces.labels, members=frozenset(pieces.boxes), box=box, grow=0),)


def _is_number(groups: dict[frozenset[int], Box], ink: Ink, *, framed: bool) -> bool:
    """Say whether the groups are several digits: of comparable height, and not one digit with a faint stroke.

    They are several when together they are wider than a digit, or when not even faint ink joins them.
    """
    if not _are_comparable(groups):
        return False
    whole = Box.around(groups.values())
    apart = group_strokes(_find_pieces(ink, level=1, framed=framed).boxes)
    return whole.width > _DIGIT_WIDTH * whole.height or _are_comparable(apart)


def _are_comparable(groups: dict[frozenset[int], Box]) -> bool:
    heights = [box.height for box in groups.values()]
    return sum(height >= _COMPARABLE_HEIGHT * max(heights) for height in heights) > 1


def _find_pieces(ink: Ink, *, level: int, framed: bool) -> _Pieces:
    """Find the connected pieces of ink at or above `level`, without specks and shadows.

    A frame is left out, too, where there may be one (`framed`) and there is other ink.
    """
    solid = (ink >= level).view(np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, dtype=np.int32)
    areas = stats[1:, cv2.CC_STAT_AREA]  # without the paper, label 0
    counts = areas >= _SPECK_AREA * areas.max(initial=0)
    if level < _SOLID and count > 2:  # a single piece has the strongest ink
        counts &= np.bincount(labels[ink >= _SOLID], minlength=count)[1:] > 0
    largest = np.argsort(areas * counts)[::-1][: min(_MOST_PIECES, np.count_nonzero(counts))] + 1
    boxes = {int(label): Box(*map(int, stats[label, :4])) for label in largest}
    frame = {label for label, box in boxes.items() if framed and _is_frame(labels, label=label, box=box)}
    if len(frame) < len(boxes):
        boxes = {label: box for label, box in boxes.items() if label not in frame}
    return _Pieces(labels, boxes)


def _is_frame(labels: NDArray[np.int32], *, label: int, box: Box) -> bool:
    """Say whether the piece `label` of labels, (height, width), runs around the picture along its edges."""
    height, width = labels.shape
    rows, columns = int(_FRAME_MARGIN * height), int(_FRAME_MARGIN * width)
    if box.width < width - 2 * columns or box.height < height - 2 * rows:
        return False
    return not (labels[rows : height - rows, columns : width - columns] == label).any()


def _cut(ink: Ink, labels: NDArray[np.int32], *, members: frozenset[int], box: Box, grow: int = 2) -> Region:
    """Cut out the pieces `members` with the soft edge of `grow` pixels around them."""
    box = box.grown(grow, within=(ink.shape[1], ink.shape[0]))
    window = (slice(box.y, box.y + box.height), slice(box.x, box.x + box.width))
    inside = labels[window]
    own = np.zeros(inside.max() + 1, dtype=bool)
    own[[0, *members]] = True
    return Region(box, np.where(own[inside], ink[window], np.uint8(0)))
