"""Measures the contrast of a picture to its paper, whose level is even or follows uneven light."""

from functools import lru_cache, reduce
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.picture import Picture

SAMPLES_PER_SIDE = 64  # medians are taken of a grid of so many pixels: exact to a grey level or two
_MARGIN = 5  # the paper is looked for in the outer fifth on each side: wider than a frame, with little ink
_SAME_LEVEL = 20  # grey levels; what differs less from the paper is paper
_MIN_EXPLAINED = 0.15  # of all pixels, that must be paper only under uneven light
_CLEAN_SHARE = 0.5  # of the margin at exactly the paper's level: no photograph has so much
_REDUCED_SIDE = 256  # pixels of the longer side, to estimate the light at: it changes slowly
_BLUR_SHARE = 3  # the median filter spans a third of the shorter side: less than half of a window is ink
_MIN_REFLECTION = 40  # grey levels; darker paper has too few levels to be strengthened further

Levels = NDArray[np.uint8]


def measure_contrast(picture: Picture) -> tuple[Levels, Levels]:
    """Return how much darker and how much lighter than the paper a picture is, uint8 (height, width) each.

    Each pixel has the contrast of the channel that differs most, so that red, blue and even yellow ink is as
    strong as black; luma would lose yellow on white, blue on black.
    """
    level, clean = _estimate_even(picture)
    light = None if clean else _estimate_uneven(picture, level)
    darker, lighter = [], []
    for index in range(len(level)):
        channel = np.ascontiguousarray(picture.colour[:, :, index])
        if light is None:
            paper = np.full_like(channel, level[index])
            darker.append(np.asarray(cv2.subtract(paper, channel), np.uint8))  # stops at 0
            lighter.append(np.asarray(cv2.subtract(channel, paper), np.uint8))
        else:
            reflected = light[:, :, index].astype(np.float32)
            difference = channel - reflected
            # Light multiplies, so dark ink is relative to the paper's level.
            relative = -255 * difference / np.maximum(reflected, _MIN_REFLECTION)
            darker.append(np.clip(relative, 0, 255).astype(np.uint8))
            lighter.append(np.clip(difference, 0, 255).astype(np.uint8))
    return reduce(np.maximum, darker), reduce(np.maximum, lighter)


def _estimate_even(picture: Picture) -> tuple[Levels, bool]:
    """Return the paper's level in each channel, (channels,), and whether it is certain to be even."""
    height, width, channels = picture.colour.shape
    step = 1 + min(height, width) // SAMPLES_PER_SIDE
    colour = picture.colour[::step, ::step]
    outer = _find_margin(*colour.shape[:2])
    if picture.opacity is not None:
        outer = outer[picture.opacity[::step, ::step].ravel()[outer] > 127]
    pixels = colour.reshape(-1, channels)
    pixels = pixels[outer] if outer.size else pixels
    level = np.array([_find_median(pixels[:, channel]) for channel in range(channels)], np.uint8)
    clean = np.count_nonzero(pixels == level) >= _CLEAN_SHARE * pixels.size
    return level, picture.opacity is not None or bool(clean)


@lru_cache(maxsize=256)  # many pictures have the same size
def _find_margin(height: int, width: int) -> NDArray[np.intp]:
    """Return the flat indices of the outer pixels of a picture."""
    outer = np.ones((height, width), bool)
    rows, columns = height // _MARGIN, width // _MARGIN
    outer[rows : height - rows, columns : width - columns] = False
    return np.flatnonzero(outer)


def _find_median(levels: Levels) -> int:
    """Return the median of levels, uint8 (n,), by counting them: NumPy's own takes five times as long."""
    at_most = np.bincount(levels, minlength=256).cumsum()
    return int(np.searchsorted(at_most, at_most[-1] / 2))


def _estimate_uneven(picture: Picture, level: Levels) -> Levels | None:
    """Return the paper's level at each pixel, (height, width, channels); None unless it fits clearly better.

    `level`, (channels,), is that under even light.
    """
    height, width = picture.colour.shape[:2]
    scale = min(1.0, _REDUCED_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.atleast_3d(np.asarray(cv2.resize(picture.colour, size, interpolation=cv2.INTER_AREA)))
    window = max(3, min(size) // _BLUR_SHARE) | 1
    light = np.atleast_3d(np.asarray(cv2.medianBlur(small, window)))
    if _share_of_paper(small, light) < _share_of_paper(small, level) + _MIN_EXPLAINED:
        return None
    full = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.atleast_3d(np.asarray(full, np.uint8))


def _share_of_paper(picture: NDArray[Any], paper: NDArray[Any]) -> float:
    difference = np.abs(picture.astype(np.float32) - paper).max(axis=2)
    return float((difference < _SAME_LEVEL).mean())
