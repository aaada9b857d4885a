"""What lies behind and around the ink of a line: hatching, rules, frames, grain; and worn ink."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.ink import Ink

Levels = NDArray[np.float32]  # (32, 256), 0 paper to 1 ink
_SUBPIXEL_BITS = 4


def add_paper(ink: Ink, boxes: NDArray[np.float64], *, height: float, generator: np.random.Generator) -> Ink:
    """Add one to three kinds of other ink; `boxes` (n, 4) and `height` of a digit are in pixels."""
    levels = ink.astype(np.float32) / 255
    count = generator.choice([1, 2, 3], p=[0.55, 0.3, 0.15])
    for kind in generator.choice(len(_KINDS), count, replace=False, p=_SHARES):
        added = np.clip(_KINDS[kind][1](boxes, height, generator), 0, 1)
        levels = np.maximum(levels, added) if generator.random() < 0.5 else 1 - (1 - levels) * (1 - added)
    return np.asarray(255 * levels, np.uint8)


def wear(ink: Ink, generator: np.random.Generator, *, papered: bool) -> Ink:
    """Break, fade, blur and roughen ink as cheap pens, scans and photographs do; the strongest stays 255."""
    levels = np.asarray(ink / np.float32(255), np.float32)
    if generator.random() < 0.12:  # broken or faded strokes
        field = _smooth(generator, generator.uniform(1, 6))
        levels *= np.clip(generator.uniform(0.8, 1.4) + generator.uniform(0.1, 0.5) * field, 0, 1)
    if generator.random() < (0.5 if papered else 0.25):
        levels = np.asarray(cv2.GaussianBlur(levels, (0, 0), generator.uniform(0.3, 1.1)), np.float32)
    if generator.random() < (0.4 if papered else 0.1):
        noise = generator.normal(size=levels.shape).astype(np.float32)
        levels += generator.uniform(0.02, 0.12) * cv2.GaussianBlur(noise, (0, 0), generator.uniform(0.3, 1))
    if generator.random() < (0.04 if papered else 0.12):  # few grey levels, as from a scanner
        threshold = generator.uniform(0.25, 0.6)
        levels = np.clip((levels - threshold) * generator.uniform(2, 20) + 0.5, 0, 1)
    elif generator.random() < 0.2:
        levels = np.clip(levels, 0, 1) ** generator.uniform(0.6, 1.5)
    strongest = max(float(np.quantile(levels, 0.998)) if papered else float(levels.max()), 0.05)
    return np.asarray(np.clip(255 * levels / strongest, 0, 255), np.uint8)


def _hatching(_: NDArray[np.float64], __: float, generator: np.random.Generator) -> Levels:
    """Parallel lines in one to three directions, straight or waved, as on cheques."""
    levels = np.zeros(_Y.shape, np.float32)
    strength = generator.uniform(0.08, 0.55)
    angle = generator.uniform(0, np.pi)
    for _line in range(generator.choice([1, 2, 3], p=[0.6, 0.3, 0.1])):
        across = _X * np.cos(angle) + _Y * np.sin(angle)
        if generator.random() < 0.5:
            along = _Y * np.cos(angle) - _X * np.sin(angle)
            across += generator.uniform(0.5, 6) * np.sin(along / generator.uniform(3, 25))
        period = generator.uniform(2, 9)
        waves = np.cos(2 * np.pi * (across / period + generator.random()))
        sharp = generator.uniform(0.5, 4)
        levels = np.maximum(levels, np.clip(0.5 + sharp * (waves - generator.uniform(0, 0.9)), 0, 1))
        angle += generator.uniform(0.3, 1.6)
    if generator.random() < 0.3:  # on a part of the line
        levels *= _smooth(generator, 12) > generator.uniform(-1, 0.5)
    return levels * np.float32(strength)


def _dots(_: NDArray[np.float64], __: float, generator: np.random.Generator) -> Levels:
    period, angle = generator.uniform(2, 6), generator.uniform(0, np.pi / 2)
    first = np.cos(2 * np.pi * (_X * np.cos(angle) + _Y * np.sin(angle)) / period)
    second = np.cos(2 * np.pi * (_Y * np.cos(angle) - _X * np.sin(angle)) / period)
    return np.asarray(generator.uniform(0.1, 0.5) * np.clip(first * second + 0.3, 0, 1), np.float32)


def _grain(_: NDArray[np.float64], __: float, generator: np.random.Generator) -> Levels:
    """Uneven paper: fine grain, or a shade."""
    fine = generator.random() < 0.6
    sigma = generator.uniform(0.4, 1.5) if fine else generator.uniform(8, 30)
    strength = generator.uniform(0.05, 0.25 if fine else 0.15)
    return np.asarray(strength * (_smooth(generator, sigma) + generator.uniform(-1, 1)), np.float32)


def _rules(boxes: NDArray[np.float64], height: float, generator: np.random.Generator) -> Levels:
    """One to three level lines: under, over, or through the signs; some broken."""
    levels = np.zeros(_Y.shape, np.float32)
    for _rule in range(generator.choice([1, 2, 3], p=[0.6, 0.3, 0.1])):
        place = generator.random()
        bottom, top = boxes[:, 3].max(), boxes[:, 1].min()
        if place < 0.5:
            y = bottom + generator.normal(0, 0.12) * height
        elif place < 0.7:
            y = top + generator.normal(0, 0.12) * height
        else:
            y = generator.uniform(0, len(_Y))
        rise = generator.normal(0, 1.0)
        start, end = (0, _X.shape[1]) if generator.random() < 0.7 else sorted(generator.uniform(0, 256, 2))
        _line(levels, (start, y - rise), (end, y + rise), generator)
    if generator.random() < 0.3:
        levels *= _smooth(generator, 4) > generator.uniform(-1.5, 0)
    return levels


def _borders(boxes: NDArray[np.float64], height: float, generator: np.random.Generator) -> Levels:
    """Upright lines beside the signs or between them, as of cells and combs; some only in part."""
    levels = np.zeros(_Y.shape, np.float32)
    left, right = boxes[:, 0].min(), boxes[:, 2].max()
    kind = generator.random()
    if kind < 0.6:
        places = [left - generator.uniform(0.1, 1.2) * height, right + generator.uniform(0.1, 1.2) * height]
        places = places if generator.random() < 0.6 else places[: 1 + generator.integers(2)][-1:]
    elif kind < 0.85 and len(boxes) > 1:
        order = boxes[np.argsort(boxes[:, 0])]
        places = ((order[1:, 0] + order[:-1, 2]) / 2).tolist()
    else:
        places = np.arange(generator.uniform(0, 20), 256, generator.uniform(0.6, 1.3) * height).tolist()
    lean = generator.normal(0, 0.6)
    top, bottom = (0, 32) if generator.random() < 0.7 else sorted(generator.uniform(-4, 36, 2))
    seed = generator.integers(2**32)
    for x in places:  # with one pen
        _line(levels, (x + lean, top), (x - lean, bottom), np.random.default_rng(seed))
    return levels


def _specks(_: NDArray[np.float64], height: float, generator: np.random.Generator) -> Levels:
    levels = np.zeros(_Y.shape, np.float32)
    for _speck in range(generator.integers(1, 10)):
        x, y = generator.uniform(0, 256), generator.uniform(0, 32)
        radius = int(np.clip(generator.exponential(0.03) * height * 16, 4, 24))
        centre = (round(x * 16), round(y * 16))
        cv2.circle(
            levels, centre, radius, [float(generator.uniform(0.2, 1))], -1, cv2.LINE_AA, _SUBPIXEL_BITS
        )
    return levels


def _fragments(_: NDArray[np.float64], height: float, generator: np.random.Generator) -> Levels:
    """Ends of strokes from the lines above and below."""
    levels = np.zeros(_Y.shape, np.float32)
    for _fragment in range(generator.integers(1, 6)):
        edge = 0 if generator.random() < 0.5 else 32
        x, depth = generator.uniform(0, 256), generator.uniform(0.05, 0.25) * height
        inner = edge + depth if edge == 0 else edge - depth
        _line(levels, (x, edge), (x + generator.normal(0, 0.2) * height, inner), generator)
    return levels


def _line(
    levels: Levels, start: tuple[float, float], end: tuple[float, float], generator: np.random.Generator
) -> None:
    strength, width = float(generator.uniform(0.15, 1)), int(generator.choice([1, 1, 2, 3]))
    first, last = ((round(x * 16), round(y * 16)) for x, y in (start, end))
    cv2.line(levels, first, last, [strength], width, cv2.LINE_AA, _SUBPIXEL_BITS)


def _smooth(generator: np.random.Generator, sigma: float) -> Levels:
    """Return smooth noise of mean 0 and deviation 1."""
    step = max(int(sigma), 1)
    coarse = generator.normal(size=(32 // step + 2, 256 // step + 2)).astype(np.float32)
    field = cv2.resize(coarse, (256, 32), interpolation=cv2.INTER_CUBIC)
    return np.asarray(field / max(float(field.std()), 1e-6), np.float32)


_Y, _X = np.mgrid[:32, :256].astype(np.float32)
_KINDS: tuple[tuple[float, Callable[[NDArray[np.float64], float, np.random.Generator], Levels]], ...] = (
    (0.3, _hatching),
    (0.06, _dots),
    (0.12, _grain),
    (0.2, _rules),
    (0.14, _borders),
    (0.09, _specks),
    (0.09, _fragments),
)
_SHARES = np.array([share for share, _ in _KINDS])
