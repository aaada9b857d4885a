"""MNIST digits written once more with other pens: bent a little, thinner or thicker, with other edges."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.drawings import see
from model_training.data.mnist import Digits
from model_training.normalisation import INK_SIZE, SEEN_SIZE

_ENLARGEMENT = INK_SIZE // SEEN_SIZE
_GRID = 5  # places across at which a bend is drawn; smooth between them
_CHUNK = 4000  # drawings whose ink, 12 KB each, is held at once

Ink = NDArray[np.uint8]


@dataclass(frozen=True)
class Pens:
    """How digits are written again; evenly drawn between limits, in pixels of the picture that is seen.

    Attributes:
        thinner: how much narrower a stroke may become; never less than `thinnest`.
        thicker: how much wider.
        thinnest: stroke width that is always left.
        softness: the widest blur of an edge.
        bend: standard deviation of the shift at each place of a coarse grid.
    """

    thinner: float = 2.5
    thicker: float = 1.75
    thinnest: float = 1.0
    softness: float = 2.75
    bend: float = 0.6


def reink(digits: Digits, count: int, *, generator: np.random.Generator, pens: Pens = Pens()) -> Digits:
    """`count` of `digits`, in turn, each as another pen would have written it and the reader sees it."""
    rows = np.arange(count) % len(digits)
    images = [
        see(
            np.array(
                [_reink(image, generator, pens) for image in digits.images[rows[start : start + _CHUNK]]]
            )
        )
        for start in range(0, count, _CHUNK)
    ]
    return Digits(np.concatenate(images), digits.labels[rows])


def _reink(image: Ink, generator: np.random.Generator, pens: Pens) -> Ink:
    """One digit (28, 28) as ink (N, N)."""
    side = (INK_SIZE, INK_SIZE)
    bends = generator.normal(0, pens.bend * _ENLARGEMENT, (2, _GRID, _GRID)).astype(np.float32)
    across, down = (cv2.resize(bend, side, interpolation=cv2.INTER_CUBIC) for bend in bends)
    columns, rows = np.meshgrid(np.arange(INK_SIZE, dtype=np.float32), np.arange(INK_SIZE, dtype=np.float32))
    large = cv2.resize(image, side, interpolation=cv2.INTER_CUBIC)
    bent = cv2.remap(large, columns + across, rows + down, cv2.INTER_LINEAR)
    inked = (bent > 110).astype(np.uint8)
    change = generator.uniform(-pens.thinner, pens.thicker) * _ENLARGEMENT / 2
    depth = cv2.distanceTransform(inked, cv2.DIST_L2, 3)
    if change < 0:
        # Measured from the middle of the stroke, so that none is worn away where it is thin.
        middle = cv2.dilate(depth, np.ones((15, 15), np.uint8))
        kept = depth > np.minimum(-change, middle - pens.thinnest * _ENLARGEMENT / 2)
        ink = np.where(kept & (inked > 0), 255, 0).astype(np.uint8)
    else:
        ink = np.where(cv2.distanceTransform(1 - inked, cv2.DIST_L2, 3) <= change, 255, 0).astype(np.uint8)
    blur = int(generator.uniform(1, pens.softness * _ENLARGEMENT))
    return np.asarray(cv2.blur(ink, (blur, blur)))
