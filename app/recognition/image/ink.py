"""From a picture to ink: how much was drawn at each pixel, whatever the colours of pen and paper."""

from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.paper import find_paper
from app.recognition.image.picture import Picture

Ink = NDArray[np.uint8]  # (height, width), 0 paper to 255 full ink

# Below this share of opaque pixels a transparent picture is a drawing: its ink is what is opaque. Strokes
# cover less than half of a digit's own box; a sticker or a screenshot with round corners covers more.
_DRAWING_OPAQUE_SHARE = 0.6
_SAMPLES_A_SIDE = 64  # medians are taken of a grid of pixels: exact to a grey level or two
_LEAST_CONTRAST = 24  # of 255: less is a stain on the paper, or its noise
_NOISE_CONTRAST = 6.0  # standard deviations: higher peaks are not noise
_SURE_CONTRAST = 100  # of 255: no paper is so noisy; in tiny pictures strokes look like noise
_FAINT_SHARE = 0.1  # of the strongest ink: fainter pixels are soft edges, or else dirt
_DIRT_RATIO = 0.5  # more faint pixels than this, for each of ink: dirt; MNIST's soft edges make 0.1 to 0.3
_PEAK_PIXELS = 20_000  # one in so many pixels may exceed the strongest ink: a hot pixel is no measure


def draw_ink(picture: Picture) -> Ink:
    """Turn a picture into ink, uint8 (height, width); all zero when nothing is drawn.

    Grey levels of a clean picture are kept, so that white on black (0) comes out as it went in; a faint
    drawing is strengthened until its strongest ink is 255.
    """
    opacity = picture.opacity
    if opacity is not None and _is_drawn_in(opacity):
        return _clean(opacity, colour=None)
    ink = _contrast_to_paper(picture)
    if opacity is not None:
        ink = _as_ink(cv2.multiply(ink, opacity, scale=1 / 255))  # the paper shows through
    return _clean(ink, colour=picture.colour)


def _is_drawn_in(opacity: NDArray[np.uint8]) -> bool:
    """Say whether the opacity, (height, width), is itself the drawing: not when it is the same all over."""
    opaque = np.count_nonzero(opacity > 127)
    return bool(opaque < _DRAWING_OPAQUE_SHARE * opacity.size and opacity.min() < opacity.max())


def _contrast_to_paper(picture: Picture) -> Ink:
    """Take for each pixel the channel in which it differs most from the paper.

    So red, blue and even yellow ink is as strong as black; luma would lose yellow on white, blue on black.
    """
    contrasts = [
        paper.contrast(np.ascontiguousarray(picture.colour[:, :, channel]))
        for channel, paper in enumerate(find_paper(picture))
    ]
    darker, lighter = (_as_ink(reduce(np.maximum, each)) for each in zip(*contrasts, strict=True))
    # Squares, so that few strong strokes outweigh much faint shade on the other side of the paper's level.
    return darker if cv2.norm(darker, cv2.NORM_L2SQR) >= cv2.norm(lighter, cv2.NORM_L2SQR) else lighter


def _measure_noise(colour: NDArray[np.uint8]) -> float:
    """Estimate the noise's standard deviation, in grey levels, from how much neighbouring pixels differ.

    The median difference of two neighbours is 0.954 standard deviations of white noise; shade hardly adds.
    """
    rows = colour[:: 1 + len(colour) // _SAMPLES_A_SIDE, :, 0].astype(np.int16)
    differences = np.abs(np.diff(rows, axis=1))
    return float(np.median(differences)) / 0.954 if differences.size else 0.0


def _clean(ink: Ink, *, colour: NDArray[np.uint8] | None) -> Ink:
    """Remove what is too faint to have been drawn, and make the strongest ink 255.

    Ink that was made of `colour`, (height, width, channels), may be its noise.
    """
    if _is_clean(ink):
        return ink
    x, y, width, height = cv2.boundingRect(ink)  # counted within, and all around it is paper
    if not width:
        return ink
    counts = cv2.calcHist([ink[y : y + height, x : x + width]], [0], None, [256], [0, 256]).ravel()
    counts[0] += ink.size - width * height
    at_least = np.cumsum(counts[::-1])[::-1]  # how many pixels have this level or more
    peak = int(np.flatnonzero(at_least > ink.size // _PEAK_PIXELS)[-1])
    noise = 0.0 if colour is None or peak >= _SURE_CONTRAST else _measure_noise(colour)
    if peak < max(_LEAST_CONTRAST, _NOISE_CONTRAST * noise):
        return np.zeros_like(ink)
    floor = round(_FAINT_SHARE * peak)
    faint, drawn = at_least[1] - at_least[floor], at_least[floor]
    if faint <= _DIRT_RATIO * drawn:
        floor = 0
    if floor == 0 and peak == 255:
        return ink
    levels = np.arange(256)
    strengthened = np.minimum(255, levels * 255 / peak).round()
    return _as_ink(cv2.LUT(ink, np.where(levels < floor, 0, strengthened).astype(np.uint8)))


def _is_clean(ink: Ink) -> bool:
    """Say whether there is nothing to do, as in most drawings; counting all levels takes longer."""
    strongest, drawn = _count(ink, at_least=255), _count(ink, at_least=round(_FAINT_SHARE * 255))
    faint = cv2.countNonZero(ink) - drawn
    return strongest > ink.size // _PEAK_PIXELS and faint <= _DIRT_RATIO * drawn


def _count(ink: Ink, *, at_least: int) -> int:
    return int(np.count_nonzero(ink >= at_least))


def _as_ink(values: object) -> Ink:
    return np.asarray(values, dtype=np.uint8)
