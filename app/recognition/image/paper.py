"""Estimates the level of the paper: one for a clean picture, one at each pixel under uneven light."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

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

Channel = NDArray[np.uint8]  # (height, width), one colour of a picture


class Paper(Protocol):
    """The paper in one channel."""

    def contrast(self, level: Channel) -> tuple[Channel, Channel]:
        """Return how much darker and how much lighter than the paper a channel is."""


@dataclass(frozen=True)
class EvenPaper:
    """Paper of one level, 0..255."""

    level: np.uint8

    def contrast(self, level: Channel) -> tuple[Channel, Channel]:
        """Return what Paper says."""
        paper = np.full_like(level, self.level)
        darker, lighter = cv2.subtract(paper, level), cv2.subtract(level, paper)  # stop at 0
        return np.asarray(darker, np.uint8), np.asarray(lighter, np.uint8)


@dataclass(frozen=True)
class UnevenPaper:
    """Paper under uneven light: its level at each pixel, uint8 (height, width)."""

    levels: Channel

    def contrast(self, level: Channel) -> tuple[Channel, Channel]:
        """Return what Paper says; dark ink is relative to the paper's level there, since light multiplies."""
        paper = self.levels.astype(np.float32)
        difference = level - paper
        darker = np.clip(-255 * difference / np.maximum(paper, _MIN_REFLECTION), 0, 255)
        return darker.astype(np.uint8), np.clip(difference, 0, 255).astype(np.uint8)


def estimate_paper(picture: Picture) -> Sequence[Paper]:
    """Return the paper of each channel."""
    height, width, channels = picture.colour.shape
    step = 1 + min(height, width) // SAMPLES_PER_SIDE
    colour = picture.colour[::step, ::step]
    outer = _find_margin(*colour.shape[:2])
    if picture.opacity is not None:
        outer = outer[picture.opacity[::step, ::step].ravel()[outer] > 127]
    pixels = colour.reshape(-1, channels)
    pixels = pixels[outer] if outer.size else pixels
    level = np.array([_find_median(pixels[:, channel]) for channel in range(channels)], np.uint8)
    if picture.opacity is None and np.count_nonzero(pixels == level) < _CLEAN_SHARE * pixels.size:
        papers = _estimate_uneven(picture, level)
        if papers:
            return papers
    return [EvenPaper(each) for each in level]


@lru_cache(maxsize=256)  # many pictures have the same size
def _find_margin(height: int, width: int) -> NDArray[np.intp]:
    """Return the flat indices of the outer pixels of a picture."""
    outer = np.ones((height, width), bool)
    rows, columns = height // _MARGIN, width // _MARGIN
    outer[rows : height - rows, columns : width - columns] = False
    return np.flatnonzero(outer)


def _find_median(levels: Channel) -> int:
    """Return the median of levels, uint8 (n,), by counting them: NumPy's own takes five times as long."""
    at_most = np.bincount(levels, minlength=256).cumsum()
    return int(np.searchsorted(at_most, at_most[-1] / 2))


def _estimate_uneven(picture: Picture, level: Channel) -> list[UnevenPaper] | None:
    """Return the papers of a photograph if uneven light explains it clearly better than `level`, else None.

    `level`, (channels,), is that of the paper under even light.
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
    return [UnevenPaper(each) for each in np.moveaxis(np.atleast_3d(np.asarray(full, np.uint8)), 2, 0)]


def _share_of_paper(picture: NDArray[Any], paper: NDArray[Any]) -> float:
    difference = np.abs(picture.astype(np.float32) - paper).max(axis=2)
    return float((difference < _SAME_LEVEL).mean())
