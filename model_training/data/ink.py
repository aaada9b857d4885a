"""Ink arrays: crop, scale and normalise."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.normalisation import Normalisation

Ink = NDArray[np.uint8]  # (height, width), 0 paper to 255 ink
Inks = NDArray[np.uint8]  # (n, N, N), likewise

_BATCH_SIZE = 250  # drawings normalised at once
_CHUNK = 4000  # drawings held as ink at once, 12 KB each
_Item = TypeVar("_Item")


def crop(image: Ink) -> Ink:
    """Return the bounding box of the ink."""
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(image))
    return np.ascontiguousarray(image[y : y + height, x : x + width])


def scale_to(image: Ink, longer_side: float, *, interpolation: int = cv2.INTER_LINEAR) -> Ink:
    """Resize with the aspect ratio kept; `longer_side` in pixels."""
    scale = longer_side / max(image.shape)
    height, width = (max(1, round(side * scale)) for side in image.shape)
    return np.asarray(cv2.resize(image, (width, height), interpolation=interpolation), np.uint8)


def normalise_ink(ink: Inks) -> NDArray[np.uint8]:
    """Return the normalised images of ink (n, N, N): uint8 (n, 28, 28)."""
    normalise = Normalisation()
    images = [
        normalise(ink[start : start + _BATCH_SIZE].astype(np.float32) / 255.0).numpy()
        for start in range(0, len(ink), _BATCH_SIZE)
    ]
    return np.rint(255.0 * np.concatenate(images)).astype(np.uint8)


def draw_normalised(items: Sequence[_Item], draw: Callable[[Sequence[_Item]], Inks]) -> NDArray[np.uint8]:
    """Draw items in chunks that fit into memory, and return their normalised images, uint8 (n, 28, 28)."""
    chunks = (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
    return np.concatenate([normalise_ink(draw(chunk)) for chunk in chunks])
