"""Fifteen corruptions of a drawing, each at five strengths, to measure the robustness of a reader."""

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]  # (N, N), 0 paper to 255 ink
# Drawing, amount and random generator to grey levels, which are then rounded and clipped.
Corruption = Callable[[Ink, float, np.random.Generator], NDArray[Any]]

STRENGTHS = 5


def corrupt(ink: NDArray[np.uint8], name: str, *, strength: int, seed: int) -> NDArray[np.uint8]:
    """Apply a corruption to drawings (n, N, N).

    Args:
        ink: uint8, 0 paper to 255 ink; the lengths in CORRUPTIONS are pixels of N = 112.
        name: a key of CORRUPTIONS.
        strength: 1, hardly visible, to STRENGTHS, hard to read.
        seed: of the random corruptions.
    """
    apply, amounts = CORRUPTIONS[name]
    generator = np.random.default_rng([seed, strength])
    corrupted = [np.asarray(apply(drawing, amounts[strength - 1], generator)) for drawing in ink]
    return np.clip(np.rint(corrupted), 0, 255).astype(np.uint8)


def _stripes(ink: Ink, level: float, generator: np.random.Generator) -> Ink:
    """Add horizontal lines like those of ruled paper, two pixels thick and N / 4 apart."""
    striped = ink.copy()
    spacing = len(ink) // 4
    for row in range(int(generator.integers(spacing)), len(ink), spacing):
        striped[row : row + 2] = np.maximum(striped[row : row + 2], level)
    return striped


def _fog(ink: Ink, level: float, generator: np.random.Generator) -> NDArray[Any]:
    """Add uneven shade."""
    coarse = generator.random((4, 4)).astype(np.float32)
    shade = level * cv2.resize(coarse, ink.shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return ink + shade * (1 - ink / 255)


def _shift(ink: Ink, pixels: float, generator: np.random.Generator) -> NDArray[Any]:
    angle = generator.uniform(0, 2 * np.pi)
    return _warp(ink, np.eye(2), shift=pixels * np.array([np.cos(angle), np.sin(angle)]))


def _rotation(ink: Ink, degrees: float, generator: np.random.Generator) -> NDArray[Any]:
    angle = np.deg2rad(degrees) * generator.choice([-1, 1])
    return _warp(ink, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def _shear(ink: Ink, share: float, generator: np.random.Generator) -> NDArray[Any]:
    return _warp(ink, np.array([[1, share * generator.choice([-1, 1])], [0, 1]]))


def _broken(ink: Ink, width: float, generator: np.random.Generator) -> Ink:
    """Cut three straight gaps through the middle of the drawing."""
    broken = ink.copy()
    for _gap in range(3):
        middle = len(ink) / 2 + generator.uniform(-0.2, 0.2, 2) * len(ink)
        angle = generator.uniform(0, np.pi)
        reach = len(ink) * np.array([np.cos(angle), np.sin(angle)])
        start, end = ((middle + side * reach).astype(int).tolist() for side in (-1, 1))
        cv2.line(broken, start, end, [0.0], int(width))
    return broken


def _spatter(ink: Ink, drops: float, generator: np.random.Generator) -> Ink:
    spattered = ink.copy()
    for _drop in range(int(drops)):
        centre = generator.integers(0, len(ink), 2).tolist()
        cv2.circle(spattered, centre, int(generator.integers(1, 4)), [255.0], -1, cv2.LINE_AA)
    return spattered


def _jpeg(ink: Ink, quality: float, _: np.random.Generator) -> Any:
    encoded = cv2.imencode(".jpg", ink, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)


def _warp(ink: Ink, matrix: NDArray[Any], *, shift: NDArray[Any] | float = 0.0) -> NDArray[Any]:
    """Apply a linear map around the centre, then a shift in pixels; ink outside the frame is cut off."""
    centre = np.array([ink.shape[1] - 1, ink.shape[0] - 1]) / 2
    offset = centre - matrix @ centre + shift
    return cv2.warpAffine(ink, np.column_stack([matrix, offset]), ink.shape[::-1])


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * int(radius) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


# The function of each corruption, and its amounts at strengths 1 to 5.
CORRUPTIONS: Mapping[str, tuple[Corruption, tuple[float, ...]]] = {
    # Standard deviation in pixels.
    "blur": (lambda ink, sigma, _: cv2.GaussianBlur(ink, (0, 0), sigma), (2, 3, 4, 6, 8)),
    # Standard deviation in grey levels.
    "noise": (lambda ink, sigma, rng: ink + rng.normal(0, sigma, ink.shape), (8, 16, 32, 64, 96)),
    "stripes": (_stripes, (20, 40, 80, 140, 220)),  # grey level of the lines
    "fog": (_fog, (20, 40, 80, 120, 180)),  # grey levels
    "contrast": (lambda ink, factor, _: ink * factor, (0.7, 0.5, 0.3, 0.2, 0.12)),
    # Share of the negative; 1 is the negative itself.
    "inversion": (lambda ink, share, _: ink + share * (255.0 - 2.0 * ink), (0.05, 0.1, 0.2, 0.35, 1.0)),
    "shift": (_shift, (4, 8, 12, 18, 24)),  # pixels
    "rotation": (_rotation, (10, 20, 30, 40, 50)),  # degrees
    "shear": (_shear, (0.2, 0.35, 0.5, 0.7, 0.9)),  # shift per unit of height
    "scale": (lambda ink, factor, _: _warp(ink, factor * np.eye(2)), (0.8, 0.6, 0.4, 0.25, 0.15)),
    # Pixels on each side.
    "thick": (lambda ink, radius, _: cv2.dilate(ink, _disc(radius)), (1, 2, 3, 5, 7)),
    "thin": (lambda ink, radius, _: cv2.erode(ink, _disc(radius)), (1, 2, 3, 4, 5)),
    "broken": (_broken, (2, 4, 6, 9, 12)),  # pixels across a gap
    "spatter": (_spatter, (2, 5, 10, 20, 40)),  # drops
    "jpeg": (_jpeg, (50, 30, 15, 8, 3)),  # quality
}
