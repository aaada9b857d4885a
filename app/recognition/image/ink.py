"""Extracts the ink of a picture: how much was drawn at each pixel, whatever the colours of pen and paper."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.image.paper import SAMPLES_PER_SIDE, measure_contrast
from app.recognition.image.picture import Picture

Ink = NDArray[np.uint8]  # (height, width), 0 paper to 255 full ink

# A transparent picture with a smaller share of opaque pixels is a drawing, and those are its ink. Strokes
# cover less than half of a digit's box; a sticker or a screenshot with round corners covers more.
_MAX_DRAWN_SHARE = 0.6
_MIN_CONTRAST = 24  # grey levels; less is a stain on the paper, or noise
_NOISE_DEVIATIONS = 6.0  # standard deviations of the noise; a higher contrast is not noise
_MEDIAN_DIFFERENCE = 0.954  # of two neighbouring pixels, in standard deviations of white noise
_MAX_NOISE_CONTRAST = 100  # grey levels; no paper is noisier, and strokes of tiny pictures look like noise
_FAINT_SHARE = 0.1  # of the strongest ink; fainter pixels are soft edges, or dirt
_MAX_FAINT_RATIO = 0.5  # faint pixels per pixel of ink; more are dirt. MNIST's soft edges make 0.1 to 0.3
_PIXELS_PER_OUTLIER = 20_000  # one pixel in so many may be stronger than the strongest ink, as hot pixels are


def extract_ink(picture: Picture) -> Ink:
    """Extract the ink of a picture, uint8 (height, width); all zero when nothing is drawn.

    The grey levels of a clean picture are kept, so that white on black (0) is returned unchanged; a faint
    drawing is strengthened until its strongest ink is 255.
    """
    opacity = picture.opacity
    if opacity is not None:
        opaque = np.count_nonzero(opacity > 127)
        if opaque < _MAX_DRAWN_SHARE * opacity.size and opacity.min() < opacity.max():  # not even
            return _clean(opacity, colour=None)
    darker, lighter = measure_contrast(picture)
    # Squares, so that a few strong strokes outweigh much faint shade on the other side of the paper's level.
    ink = darker if cv2.norm(darker, cv2.NORM_L2SQR) >= cv2.norm(lighter, cv2.NORM_L2SQR) else lighter
    if opacity is not None:
        ink = np.asarray(cv2.multiply(ink, opacity, scale=1 / 255), np.uint8)  # transparent ink is weaker
    return _clean(ink, colour=picture.colour)


def _measure_noise(colour: NDArray[np.uint8]) -> float:
    """Return the standard deviation, in grey levels, of the noise in the noisiest channel."""
    rows = colour[:: 1 + len(colour) // SAMPLES_PER_SIDE].astype(np.int16)
    differences = np.abs(np.diff(rows, axis=1))  # of neighbours: shade hardly changes it
    return float(np.median(differences, axis=(0, 1)).max()) / _MEDIAN_DIFFERENCE if differences.size else 0.0


def _clean(ink: Ink, *, colour: NDArray[np.uint8] | None) -> Ink:
    """Remove ink that is too faint to have been drawn, and scale the strongest ink to 255.

    `colour` is the picture that the ink was extracted from, (height, width, channels), whose noise the ink
    may be; None for ink without noise.
    """
    if _is_clean(ink):
        return ink
    x, y, width, height = cv2.boundingRect(ink)  # only the levels within are counted; the rest is paper
    if not width:
        return ink
    counts = cv2.calcHist([ink[y : y + height, x : x + width]], [0], None, [256], [0, 256]).ravel()
    counts[0] += ink.size - width * height
    at_least = np.cumsum(counts[::-1])[::-1]  # how many pixels have this level or more
    peak = int(np.flatnonzero(at_least > ink.size // _PIXELS_PER_OUTLIER)[-1])
    noise = 0.0 if colour is None or peak >= _MAX_NOISE_CONTRAST else _measure_noise(colour)
    if peak < max(_MIN_CONTRAST, _NOISE_DEVIATIONS * noise):
        return np.zeros_like(ink)
    floor = round(_FAINT_SHARE * peak)
    faint, drawn = at_least[1] - at_least[floor], at_least[floor]
    if faint <= _MAX_FAINT_RATIO * drawn:
        floor = 0
    if floor == 0 and peak == 255:
        return ink
    levels = np.arange(256)
    strengthened = np.minimum(255, levels * 255 / peak).round()
    return np.asarray(cv2.LUT(ink, np.where(levels < floor, 0, strengthened).astype(np.uint8)), np.uint8)


def _is_clean(ink: Ink) -> bool:
    """Return whether `_clean` has nothing to do, as for most drawings; counting all levels takes longer."""
    strongest = int(np.count_nonzero(ink == 255))
    drawn = int(np.count_nonzero(ink >= round(_FAINT_SHARE * 255)))
    faint = cv2.countNonZero(ink) - drawn
    return strongest > ink.size // _PIXELS_PER_OUTLIER and faint <= _MAX_FAINT_RATIO * drawn
