"""Fifteen ways in which a drawing goes wrong, each at five strengths, to see how much a reader bears."""

from collections.abc import Callable
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]  # (N, N), 0 paper to 255 ink
Corruption = Callable[[Ink, float, np.random.Generator], Ink]

STRENGTHS = 5


def corrupt(ink: NDArray[np.uint8], name: str, *, strength: int, seed: int) -> NDArray[np.uint8]:
    """Drawings (n, N, N) under the corruption `name` of CORRUPTIONS.

    Args:
        ink: uint8, 0 paper to 255 ink; lengths below are meant for N = 112.
        name: of the corruption.
        strength: 1, hardly visible, to STRENGTHS, hard to read.
        seed: decides what is random.
    """
    apply, amounts = CORRUPTIONS[name]
    generator = np.random.default_rng([seed, strength])
    return np.array([apply(drawing, amounts[strength - 1], generator) for drawing in ink])


def _blur(ink: Ink, sigma: float, _: np.random.Generator) -> Ink:
    return _as_ink(cv2.GaussianBlur(ink, (0, 0), sigma))


def _noise(ink: Ink, deviation: float, generator: np.random.Generator) -> Ink:
    return _as_ink(ink + generator.normal(0, deviation, ink.shape))


def _stripes(ink: Ink, level: float, generator: np.random.Generator) -> Ink:
    """Ruled paper: level lines, two pixels wide and a quarter of the drawing apart."""
    ruled = ink.astype(float)
    spacing = len(ink) // 4
    for row in range(int(generator.integers(spacing)), len(ink), spacing):
        ruled[row : row + 2] = np.maximum(ruled[row : row + 2], level)
    return _as_ink(ruled)


def _fog(ink: Ink, level: float, generator: np.random.Generator) -> Ink:
    """Uneven shade over everything."""
    coarse = generator.random((4, 4)).astype(np.float32)
    shade = level * cv2.resize(coarse, ink.shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return _as_ink(ink + shade * (1 - ink / 255))


def _contrast(ink: Ink, share: float, _: np.random.Generator) -> Ink:
    return _as_ink(ink * share)


def _inversion(ink: Ink, share: float, _: np.random.Generator) -> Ink:
    """Part of the way to the negative; at 1 all the way."""
    return _as_ink(ink + share * (255.0 - 2.0 * ink))


def _shift(ink: Ink, pixels: float, generator: np.random.Generator) -> Ink:
    angle = generator.uniform(0, 2 * np.pi)
    return _map(ink, np.eye(2), shift=pixels * np.array([np.cos(angle), np.sin(angle)]))


def _rotation(ink: Ink, degrees: float, generator: np.random.Generator) -> Ink:
    angle = np.deg2rad(degrees) * generator.choice([-1, 1])
    return _map(ink, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def _shear(ink: Ink, share: float, generator: np.random.Generator) -> Ink:
    return _map(ink, np.array([[1, share * generator.choice([-1, 1])], [0, 1]]))


def _scale(ink: Ink, share: float, _: np.random.Generator) -> Ink:
    return _map(ink, share * np.eye(2))


def _thick(ink: Ink, radius: float, _: np.random.Generator) -> Ink:
    return _as_ink(cv2.dilate(ink, _disc(radius)))


def _thin(ink: Ink, radius: float, _: np.random.Generator) -> Ink:
    return _as_ink(cv2.erode(ink, _disc(radius)))


def _broken(ink: Ink, width: float, generator: np.random.Generator) -> Ink:
    """Three straight gaps through the middle of the drawing."""
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
        place = generator.integers(0, len(ink), 2).tolist()
        cv2.circle(spattered, place, int(generator.integers(1, 4)), [255.0], -1, cv2.LINE_AA)
    return spattered


def _jpeg(ink: Ink, quality: float, _: np.random.Generator) -> Ink:
    encoded = cv2.imencode(".jpg", ink, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return _as_ink(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))


def _map(ink: Ink, matrix: NDArray[np.floating], *, shift: NDArray[np.floating] | float = 0.0) -> Ink:
    """Under a linear map around the middle and a shift; what leaves the drawing is lost."""
    middle = np.array([ink.shape[1] - 1, ink.shape[0] - 1]) / 2
    offset = middle - matrix @ middle + shift
    return _as_ink(cv2.warpAffine(ink, np.column_stack([matrix, offset]), ink.shape[::-1]))


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * int(radius) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _as_ink(values: object) -> Ink:
    ink: Ink = np.clip(np.rint(np.asarray(values)), 0, 255).astype(np.uint8)
    return ink


# For each name, what it does and how much of it at each strength.
CORRUPTIONS: MappingProxyType[str, tuple[Corruption, tuple[float, ...]]] = MappingProxyType(
    {
        "blur": (_blur, (2, 3, 4, 6, 8)),  # pixels of the ink
        "noise": (_noise, (8, 16, 32, 64, 96)),  # grey levels
        "stripes": (_stripes, (20, 40, 80, 140, 220)),  # grey level of the lines
        "fog": (_fog, (20, 40, 80, 120, 180)),  # grey levels
        "contrast": (_contrast, (0.7, 0.5, 0.3, 0.2, 0.12)),  # share that is left
        "inversion": (_inversion, (0.05, 0.1, 0.2, 0.35, 1.0)),
        "shift": (_shift, (4, 8, 12, 18, 24)),  # pixels
        "rotation": (_rotation, (10, 20, 30, 40, 50)),  # degrees
        "shear": (_shear, (0.2, 0.35, 0.5, 0.7, 0.9)),  # shift for each unit of height
        "scale": (_scale, (0.8, 0.6, 0.4, 0.25, 0.15)),
        "thick": (_thick, (1, 2, 3, 5, 7)),  # pixels on each side
        "thin": (_thin, (1, 2, 3, 4, 5)),  # pixels on each side
        "broken": (_broken, (2, 4, 6, 9, 12)),  # pixels across a gap
        "spatter": (_spatter, (2, 5, 10, 20, 40)),  # drops
        "jpeg": (_jpeg, (50, 30, 15, 8, 3)),  # quality
    }
)
