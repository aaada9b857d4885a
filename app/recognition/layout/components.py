"""Finds connected components of ink, without specks, shadows and frames, and cuts regions out of ink."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.constants import COMPONENTS
from app.recognition.image.ink import Ink
from app.recognition.reading import Box

SOLID = int(COMPONENTS["solid"])  # ink, of 255; a component without any so strong is a shadow
# of the largest component; smaller ones are specks. A pixel of a 28x28 digit is more
_MIN_AREA_SHARE = COMPONENTS["speck_share"]
_MAX_COMPONENTS = 2000  # the largest are kept, so that a picture of noise does not keep the server busy
_FRAME_MARGIN = 0.12  # of the picture; a frame has all its ink this near to the edge, a tight 0 has not


@dataclass(frozen=True)
class Region:
    """One digit's box in the picture, and its ink alone, uint8 (height, width), which may be smaller."""

    box: Box
    ink: Ink


@dataclass(frozen=True)
class Components:
    """Connected components of ink."""

    labels: NDArray[np.int32]  # (height, width), 0 where there is no ink
    count: int  # of the labels, with 0 and those of specks and shadows
    boxes: dict[int, Box]  # of each component that is kept, by its label


def may_have_frame(window: Ink, *, picture: Ink) -> bool:
    """Return whether the window around all ink fills so much of its picture that it may hold a frame."""
    shares = (inner / outer for inner, outer in zip(window.shape, picture.shape, strict=True))
    return bool(min(shares) >= 1 - 2 * _FRAME_MARGIN)


def find_components(ink: Ink, *, level: int, framed: bool, most: int = _MAX_COMPONENTS) -> Components:
    """Find the `most` largest components of ink at or above `level`, without specks and shadows.

    A frame is left out as well where there may be one (`framed`) and there is other ink.
    """
    solid = (ink >= level).view(np.uint8)
    count, found = cv2.connectedComponentsWithAlgorithm(solid, 8, cv2.CV_32S, cv2.CCL_BBDT)
    labels = np.asarray(found, dtype=np.int32)
    if count == 2:  # most drawings: the statistics below take ten times as long as all else
        return Components(labels, count, {1: Box(*cv2.boundingRect(solid))})
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(solid, 8, cv2.CV_32S, cv2.CCL_BBDT)
    areas = stats[1:, cv2.CC_STAT_AREA]  # without the paper, label 0
    kept = areas >= _MIN_AREA_SHARE * areas.max(initial=0)
    if level < SOLID and count > 2:  # a single component has the strongest ink
        kept &= np.bincount(labels[ink >= SOLID], minlength=count)[1:] > 0
    largest = np.argsort(areas * kept)[::-1][: min(most, np.count_nonzero(kept))] + 1
    boxes = {int(label): Box(*map(int, stats[label, :4])) for label in largest}
    frames = {label for label, box in boxes.items() if framed and _is_frame(labels, label=label, box=box)}
    if len(frames) < len(boxes):
        boxes = {label: box for label, box in boxes.items() if label not in frames}
    return Components(labels, count, boxes)


def keep_components(ink: Ink, components: Components) -> Region:
    """Cut out all components that are kept, of which there is at least one, as one region."""
    box = Box.around(components.boxes.values())
    kept = np.zeros(components.count, dtype=bool)
    kept[[0, *components.boxes]] = True
    if kept.all():
        return Region(box, ink[box.slices])
    return Region(box, np.where(kept[components.labels[box.slices]], ink[box.slices], np.uint8(0)))


def _is_frame(labels: NDArray[np.int32], *, label: int, box: Box) -> bool:
    """Return whether a component of labels, (height, width), runs around the picture along its edges."""
    height, width = labels.shape
    rows, columns = int(_FRAME_MARGIN * height), int(_FRAME_MARGIN * width)
    if box.width < width - 2 * columns or box.height < height - 2 * rows:
        return False
    return not (labels[rows : height - rows, columns : width - columns] == label).any()
