"""Digits with other ink beside them: frames, ruled lines, specks, the edge of a neighbour, grain.

The app removes most of it before reading; the network must not be misled by the rest.
"""

from collections.abc import Callable

import cv2
import numpy as np

from model_training.data.ink import Ink, crop, draw_normalised, scale_to
from model_training.data.mnist import Digits
from model_training.normalisation import INK_SIZE

_SIZES = (0.55, 0.85)  # of the digit's longer side, as shares of the ink's side
_SECOND = 0.35  # share of the drawings with clutter of two kinds

Clutter = Callable[[Ink, Digits, np.random.Generator], Ink]


def clutter(digits: Digits, count: int, *, generator: np.random.Generator) -> Digits:
    """Return `count` normalised images of `digits`, taken in turn, each with clutter added."""
    rows: list[int] = (np.arange(count) % len(digits)).tolist()
    images = draw_normalised(
        rows, lambda chunk: np.array([_clutter(digits, row, generator) for row in chunk])
    )
    return Digits(images, digits.labels[rows])


def _clutter(digits: Digits, row: int, generator: np.random.Generator) -> Ink:
    ink = _place(digits.images[row], generator)
    for kind in generator.permutation(len(_KINDS))[: 2 if generator.random() < _SECOND else 1]:
        ink = _KINDS[kind](ink, digits, generator)
    return ink


def _place(image: Ink, generator: np.random.Generator) -> Ink:
    """Place the digit (28, 28) at a random size and position in ink (N, N)."""
    digit = scale_to(crop(image), generator.uniform(*_SIZES) * INK_SIZE, interpolation=cv2.INTER_CUBIC)
    height, width = digit.shape
    ink = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    top, left = generator.integers(INK_SIZE - height + 1), generator.integers(INK_SIZE - width + 1)
    ink[top : top + height, left : left + width] = digit
    return ink


def _add_frame(ink: Ink, _: Digits, generator: np.random.Generator) -> Ink:
    """Draw straight lines along one to three sides, near the digit or across its end."""
    for quarter in generator.permutation(4)[: generator.integers(1, 4)]:
        turned = np.ascontiguousarray(np.rot90(ink, quarter))
        top = cv2.boundingRect(turned)[1] - int(generator.integers(-6, 18))
        start, end = int(generator.integers(-20, 20)), INK_SIZE + int(generator.integers(-40, 20))
        drop = round(generator.normal(0, 2))
        shade, width = float(generator.integers(90, 256)), int(generator.integers(1, 8))
        cv2.line(turned, (start, top - drop), (end, top + drop), [shade], width, cv2.LINE_AA)
        ink = np.rot90(turned, -quarter)
    return np.ascontiguousarray(ink)


def _add_ruled_lines(ink: Ink, _: Digits, generator: np.random.Generator) -> Ink:
    """Draw pale parallel lines across the picture, as on ruled paper or a cheque."""
    lines = np.zeros_like(ink)
    step, slope = generator.integers(8, 40), generator.normal(0, 0.15)
    shade, width = float(generator.integers(30, 150)), int(generator.integers(1, 4))
    rise = round(slope * INK_SIZE)
    for y in range(int(generator.integers(-10, step)), INK_SIZE + 20, int(step)):
        cv2.line(lines, (0, y), (INK_SIZE, y + rise), [shade], width, cv2.LINE_AA)
    if generator.random() < 0.3:
        lines = np.ascontiguousarray(lines.T)
    return np.maximum(ink, lines)


def _add_specks(ink: Ink, _: Digits, generator: np.random.Generator) -> Ink:
    for _speck in range(generator.integers(1, 8)):
        place = generator.integers(3, INK_SIZE - 3, 2).tolist()
        axes = generator.integers(1, 5, 2).tolist()
        shade = float(generator.integers(90, 256))
        cv2.ellipse(ink, place, axes, generator.uniform(0, 180), 0, 360, [shade], -1, cv2.LINE_AA)
    return ink


def _add_neighbour(ink: Ink, digits: Digits, generator: np.random.Generator) -> Ink:
    """Draw the nearer edge of another digit at the left or right."""
    other = crop(digits.images[generator.integers(len(digits))])
    height = int(generator.uniform(0.5, 0.9) * INK_SIZE)
    width = max(1, round(other.shape[1] * (height / len(other))))
    large = cv2.resize(other, (width, height), interpolation=cv2.INTER_CUBIC)
    depth = generator.uniform(0.08, 0.3) * min(width, INK_SIZE // 2)  # a bar may be wider than high
    shown = large[:, : max(2, int(depth))]
    top = int(generator.integers(0, INK_SIZE - height + 1))
    place = ink[top : top + height, -shown.shape[1] :]
    if generator.random() < 0.5:
        place, shown = ink[top : top + height, : shown.shape[1]], shown[:, ::-1]
    np.maximum(place, shown, out=place)
    return ink


def _add_grain(ink: Ink, _: Digits, generator: np.random.Generator) -> Ink:
    """Make the ink blotchy and the paper grey, as in a coarse or dim photograph."""
    cells = INK_SIZE // int(generator.integers(1, 5)) + 1
    coarse = generator.normal(size=(cells, cells)).astype(np.float32)
    field = np.asarray(cv2.resize(coarse, (INK_SIZE, INK_SIZE), interpolation=cv2.INTER_LINEAR))
    blotchy = ink * np.clip(1 - generator.uniform(0, 0.4) * np.abs(field), 0, 1)
    paper = np.clip(generator.uniform(0, 60) * (field + generator.uniform(-1, 0.5)), 0, 110)
    grainy = np.maximum(blotchy, paper).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(grainy, (0, 0), generator.uniform(0.5, 3)), np.uint8)


_KINDS: tuple[Clutter, ...] = (_add_frame, _add_ruled_lines, _add_specks, _add_neighbour, _add_grain)
