"""Pictures that show no digit, for the "no digit" class."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.fonts import OTHER_SIGNS
from model_training.data.handwriting import Hand, draw_font_signs, draw_signs, write
from model_training.data.ink import Ink, crop, normalise_ink, scale_to
from model_training.data.mnist import Digits
from model_training.data.templates import Template, load_templates, make_stroke
from model_training.normalisation import INK_SIZE

# Shares of the kinds; signs are letters and symbols. The rest are blots, noise, discs and scratches.
_SIGNS, _SIGNS_OF_FONTS, _SCRIBBLES, _MISPLACED = 0.28, 0.42, 0.12, 0.10
_FONT_SIGNS = OTHER_SIGNS + "$%€£:"
_SCRIBBLES_ALIKE = 50  # drawings of one random template: cheaper than a template each
_FILL = 100  # pixels of the ink's longer side
_SIDEWAYS = (2, 3, 4, 5, 7)  # these show no digit when rotated by 90 degrees
# Halves that show no digit. Others do: the right half of an 8 is a 3, the lower half of a 6 a 0.
_LEFT_HALVES, _UPPER_HALVES, _LOWER_HALVES = (0, 2, 3, 8), (0, 5), (0, 2)


def draw_non_digits(count: int, digits: Digits, *, seed: int) -> NDArray[np.uint8]:
    """Draw `count` pictures that show no digit, uint8 (count, 28, 28), in random order.

    `digits` supply the pairs, one beside or above the other, the halves, and the rotated digits.
    """
    generator = np.random.default_rng([seed, 1])
    signs, _ = draw_signs(load_templates("others"), int(_SIGNS * count), generator=generator)
    font_signs, _ = draw_font_signs(_FONT_SIGNS, int(_SIGNS_OF_FONTS * count), generator=generator)
    scribbles = [
        write(random_template(generator), _SCRIBBLES_ALIKE, generator=generator, hand=Hand(wobble=0.1))
        for _ in range(int(_SCRIBBLES * count) // _SCRIBBLES_ALIKE)
    ]
    misplaced = [_misplace(digits, generator) for _ in range(int(_MISPLACED * count))]
    rest = count - len(signs) - len(font_signs) - _SCRIBBLES_ALIKE * len(scribbles) - len(misplaced)
    blots = [draw_blot(generator) for _ in range(rest)]
    drawn = normalise_ink(np.concatenate([*scribbles, np.array([*misplaced, *blots])]))
    return generator.permutation(np.concatenate([signs, font_signs, drawn]))


def draw_blot(generator: np.random.Generator) -> Ink:
    """Draw patches, noise, a disc or scratches: ink (N, N)."""
    return _BLOTS[generator.integers(len(_BLOTS))](generator)


def random_template(generator: np.random.Generator) -> Template:
    """Return one to four random strokes, some with sharp corners."""
    strokes = []
    for _ in range(generator.integers(1, 5)):
        steps = generator.normal(0, 30, (generator.integers(2, 7), 2))
        points = generator.normal(0, 30, 2) + np.cumsum(steps, axis=0)
        corners = generator.random(len(points)) < 0.2
        strokes.append(np.repeat(points, 1 + corners, axis=0).tolist())
    return Template("scribble", "random", tuple(make_stroke(points) for points in strokes))


def _misplace(digits: Digits, generator: np.random.Generator) -> Ink:
    """Return two digits as one drawing, half a digit, or a rotated digit: ink (N, N)."""
    kind = generator.random()
    if kind < 0.25:
        return _centre(np.rot90(_choose(digits, _SIDEWAYS, generator), generator.choice([1, 3])))
    if kind < 0.5:
        return _centre(crop(_halve(digits, generator)))
    first, second = (crop(image) for image in digits.images[generator.integers(len(digits), size=2)])
    if generator.random() < 0.5:
        return _centre(_side_by_side(first, second, gap=int(generator.integers(-2, 5))))
    return _centre(_side_by_side(first.T, second.T, gap=int(generator.integers(-2, 5))).T)


def _choose(digits: Digits, labels: Sequence[int], generator: np.random.Generator) -> Ink:
    """Return the crop of a random digit with one of `labels`."""
    return crop(digits.images[generator.choice(np.flatnonzero(np.isin(digits.labels, labels)))])


def _halve(digits: Digits, generator: np.random.Generator) -> Ink:
    which = generator.integers(3)
    whole = _choose(digits, (_LEFT_HALVES, _UPPER_HALVES, _LOWER_HALVES)[which], generator)
    height, width = whole.shape
    return (whole[:, : width // 2], whole[: height // 2], whole[height // 2 :])[which]


def _side_by_side(first: Ink, second: Ink, *, gap: int) -> Ink:
    """Join two crops, `gap` pixels apart; they overlap where it is negative."""
    height = max(len(first), len(second))
    start = max(first.shape[1] + gap, 0)
    both = np.zeros((height, max(start + second.shape[1], first.shape[1])), np.uint8)
    both[: len(first), : first.shape[1]] = first
    place = both[: len(second), start : start + second.shape[1]]
    np.maximum(place, second, out=place)
    return both


def _centre(picture: Ink) -> Ink:
    """Scale a picture to the ink's size and centre it."""
    scaled = scale_to(np.ascontiguousarray(picture), _FILL)
    height, width = scaled.shape
    ink = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    top, left = (INK_SIZE - height) // 2, (INK_SIZE - width) // 2
    ink[top : top + height, left : left + width] = scaled
    return ink


def _patches(generator: np.random.Generator) -> Ink:
    """Draw patches with soft outlines, from a few specks to nearly a full sheet."""
    field = cv2.GaussianBlur(generator.normal(size=(INK_SIZE, INK_SIZE)), (0, 0), generator.uniform(3, 16))
    return np.where(field > np.quantile(field, generator.uniform(0.4, 0.95)), 255, 0).astype(np.uint8)


def _noise(generator: np.random.Generator) -> Ink:
    inked = generator.random((INK_SIZE, INK_SIZE)) < generator.uniform(0.01, 1)
    return (generator.integers(0, 256, (INK_SIZE, INK_SIZE)) * inked).astype(np.uint8)


def _disc(generator: np.random.Generator) -> Ink:
    ink = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    axes = generator.integers(10, 50, 2).tolist()
    cv2.ellipse(ink, (INK_SIZE // 2, INK_SIZE // 2), axes, generator.uniform(0, 180), 0, 360, [255.0], -1)
    return ink


def _scratches(generator: np.random.Generator) -> Ink:
    ink = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    for _ in range(generator.integers(8, 60)):
        start, end = generator.integers(5, INK_SIZE - 5, (2, 2)).tolist()
        cv2.line(ink, start, end, [255.0], int(generator.integers(3, 14)), cv2.LINE_AA)
    return ink


_BLOTS: tuple[Callable[[np.random.Generator], Ink], ...] = (_patches, _noise, _disc, _scratches)
