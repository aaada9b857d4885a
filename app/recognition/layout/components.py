"""Connected pieces of ink, without specks, shadows and frames, and regions cut out of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.ink import Ink
from app.recognition.reading import Box

SOLID = 128  # of 255: a piece of ink without any so strong is a shadow
_SPECK_AREA = 0.005  # of the largest piece: smaller ones are specks; a pixel of a 28x28 digit is more
_MOST_PIECES = 2000  # a picture full of noise must not keep the server busy: the largest pieces count
_FRAME_MARGIN = 0.12  # of the picture: a frame has all its ink this near to the edge, a tight 0 has not


@dataclass(frozen=True)
class Region:
    """One digit's ink.

    Attributes:
        box: where it lies in the picture.
        ink: uint8 (height, width), 0 paper to 255, perhaps smaller than the box; what belongs to other digits
            is left out.
    """

    box: Box
    ink: Ink


@dataclass(frozen=True)
class Pieces:
    """Connected pieces of ink.

    Attributes:
        labels: int32 (height, width), 0 where there is no ink.
        count: of the labels, 0 and those of specks and shadows included.
        boxes: of each piece that counts, by its label.
    """

    labels: NDArray[np.int32]
    count: int
    boxes: dict[int, Box]


def may_have_frame(window: Ink, *, picture: Ink) -> bool:
    """Say whether the window around all ink fills its picture so far that a frame may stand in it."""
    shares = (inner / outer for inner, outer in zip(window.shape, picture.shape, strict=True))
    return bool(min(shares) >= 1 - 2 * _FRAME_MARGIN)


def find_pieces(ink: Ink, *, level: int, framed: bool, most: int = _MOST_PIECES) -> Pieces:
    """Find the connected pieces of ink at or above `level`, without specks and shadows; the `most` largest.

    A frame is left out, too, where there may be one (`framed`) and there is other ink.
    """
    solid = (ink >= level).view(np.uint8)
    count, found = cv2.connectedComponentsWithAlgorithm(solid, 8, cv2.CV_32S, cv2.CCL_BBDT)
    labels = np.asarray(found, dtype=np.int32)
    if count == 2:  # most drawings: the statistics below take ten times as long as all else
        return Pieces(labels, count, {1: Box(*cv2.boundingRect(solid))})
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(solid, 8, cv2.CV_32S, cv2.CCL_BBDT)
    areas = stats[1:, cv2.CC_STAT_AREA]  # without the paper, label 0
    counts = areas >= _SPECK_AREA * areas.max(initial=0)
    if level < SOLID and count > 2:  # a single piece has the strongest ink
        counts &= np.bincount(labels[ink >= SOLID], minlength=count)[1:] > 0
    largest = np.argsort(areas * counts)[::-1][: min(most, np.count_nonzero(counts))] + 1
    boxes = {int(label): Box(*map(int, stats[label, :4])) for label in largest}
    frame = {label for label, box in boxes.items() if framed and _is_frame(labels, label=label, box=box)}
    if len(frame) < len(boxes):
        boxes = {label: box for label, box in boxes.items() if label not in frame}
    return Pieces(labels, count, boxes)


def cut_out(ink: Ink, pieces: Pieces, *, members: Iterable[int], grow: int) -> Region:
    """Cut out the pieces `members` with the soft edge of `grow` pixels around them."""
    members = tuple(members)
    box = Box.around(pieces.boxes[label] for label in members)
    box = box.grown(grow, within=(ink.shape[1], ink.shape[0]))
    own = np.zeros(pieces.count, dtype=bool)
    own[[0, *members]] = True
    if own.all():
        return Region(box, ink[box.slices])
    return Region(box, np.where(own[pieces.labels[box.slices]], ink[box.slices], np.uint8(0)))


def _is_frame(labels: NDArray[np.int32], *, label: int, box: Box) -> bool:
    """Say whether the piece `label` of labels, (height, width), runs around the picture along its edges."""
    height, width = labels.shape
    rows, columns = int(_FRAME_MARGIN * height), int(_FRAME_MARGIN * width)
    if box.width < width - 2 * columns or box.height < height - 2 * rows:
        return False
    return not (labels[rows : height - rows, columns : width - columns] == label).any()
