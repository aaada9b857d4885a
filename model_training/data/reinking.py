"""MNIST digits redrawn with other pens: bent a little, thinner or thicker, with softer or harder edges."""

from dataclasses import dataclass

import cv2
import numpy as np

from model_training.data.ink import Ink, draw_normalised
from model_training.data.mnist import Digits
from model_training.normalisation import IMAGE_SIZE, INK_SIZE

_ENLARGEMENT = INK_SIZE // IMAGE_SIZE
_GRID = 5  # points across at which a bend is drawn; interpolated between them


@dataclass(frozen=True)
class Pens:
    """Limits of the variation, in pixels of the normalised image; drawn uniformly."""

    thinner: float = 2.5  # largest decrease of the stroke width, down to `thinnest`
    thicker: float = 1.75  # largest increase
    thinnest: float = 1.0  # smallest stroke width
    softness: float = 2.75  # widest blur of an edge
    bend: float = 0.6  # standard deviation of the shift at each grid point


def reink(digits: Digits, count: int, *, generator: np.random.Generator, pens: Pens = Pens()) -> Digits:
    """Return `count` normalised images of `digits`, taken in turn, each redrawn with another pen."""
    rows: list[int] = (np.arange(count) % len(digits)).tolist()
    images = draw_normalised(
        rows, lambda chunk: np.array([_reink(digits.images[row], generator, pens) for row in chunk])
    )
    return Digits(images, digits.labels[rows])


def _reink(image: Ink, generator: np.random.Generator, pens: Pens) -> Ink:
    """Redraw one digit (28, 28) as ink (N, N)."""
    side = (INK_SIZE, INK_SIZE)
    bends = generator.normal(0, pens.bend * _ENLARGEMENT, (2, _GRID, _GRID)).astype(np.float32)
    across, down = (cv2.resize(bend, side, interpolation=cv2.INTER_CUBIC) for bend in bends)
    rows, columns = np.mgrid[:INK_SIZE, :INK_SIZE].astype(np.float32)
    large = cv2.resize(image, side, interpolation=cv2.INTER_CUBIC)
    bent = cv2.remap(large, columns + across, rows + down, cv2.INTER_LINEAR)
    inked = (bent > 110).astype(np.uint8)
    change = generator.uniform(-pens.thinner, pens.thicker) * _ENLARGEMENT / 2
    if change < 0:
        # Measured from the middle of the stroke, so that thin strokes are not erased.
        depth = cv2.distanceTransform(inked, cv2.DIST_L2, 3)
        middle = cv2.dilate(depth, np.ones((15, 15), np.uint8))
        kept = depth > np.minimum(-change, middle - pens.thinnest * _ENLARGEMENT / 2)
        kept &= inked > 0
    else:
        kept = cv2.distanceTransform(1 - inked, cv2.DIST_L2, 3) <= change
    ink = np.where(kept, 255, 0).astype(np.uint8)
    blur = int(generator.uniform(1, pens.softness * _ENLARGEMENT))
    return np.asarray(cv2.blur(ink, (blur, blur)))
