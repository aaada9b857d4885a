"""Ink arrays: from pictures; crop, scale and normalise."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.normalisation import INK_SIZE, Normalisation

Ink = NDArray[np.uint8]  # (height, width), 0 paper to 255 ink
Inks = NDArray[np.uint8]  # (n, N, N), likewise

_BATCH_SIZE = 250  # drawings normalised at once
_CHUNK = 4000  # drawings held as ink at once, 12 KB each
_INK_LENGTH = 100  # pixels of the longer side of a picture's ink
_FAINT = 0.3  # of the strongest contrast with the paper: below it, texture or shade of the paper
_Item = TypeVar("_Item")


def find_ink(picture: NDArray[np.uint8], *, faint: float = _FAINT) -> Ink:
    """Return the ink of a grey picture (h, w) of any polarity, cropped: its contrast with the paper.

    Contrast below the share `faint` of the strongest is no ink. The app removes shade and texture more
    carefully; on plain drawings both give the same ink. A blank picture gives ink without pixels.
    """
    paper = np.median(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]))
    contrast = np.abs(picture.astype(np.float32) - paper)
    contrast = np.maximum(contrast - faint * contrast.max(), 0)
    x, y, width, height = cv2.boundingRect((contrast > 0).astype(np.uint8))
    cut = contrast[y : y + height, x : x + width]
    return np.rint(255 * cut / cut.max()).astype(np.uint8) if cut.size else np.zeros((0, 0), np.uint8)


def place_ink(ink: Ink) -> Ink:
    """Scale cropped ink to a drawing (N, N), in the middle; without pixels, to a blank one."""
    drawing = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    if not ink.size:
        return drawing
    enlarged = max(ink.shape) < _INK_LENGTH
    scaled = scale_to(ink, _INK_LENGTH, interpolation=cv2.INTER_LINEAR if enlarged else cv2.INTER_AREA)
    height, width = scaled.shape
    top, left = (INK_SIZE - height) // 2, (INK_SIZE - width) // 2
    darkest = max(int(scaled.max()), 1)
    drawing[top : top + height, left : left + width] = np.rint(scaled * (255 / darkest))
    return drawing


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
