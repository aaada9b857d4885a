"""Digits that nobody wrote: drawn from the stroke templates and seen as the reader sees them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model_training.data.handwriting import write
from model_training.data.mnist import Digits
from model_training.data.templates import Template, load_templates
from model_training.normalisation import INK_SIZE, Normalisation

_BATCH_SIZE = 250  # drawings normalised at once
_CHUNK = 4000  # drawings whose ink, 12 KB each, is held at once


def draw_digits(count: int, *, seed: int) -> Digits:
    """`count` digits, each of the ten equally often drawn, each of its styles too; the seed decides all."""
    images, signs = draw_signs(load_templates("digits"), count, generator=np.random.default_rng([seed, 0]))
    return Digits(images, np.array([int(sign) for sign in signs], np.uint8))


def draw_signs(
    templates: Sequence[Template], count: int, *, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], list[str]]:
    """`count` drawings of signs in random order, evenly over signs and then over the styles of each.

    Returns:
        What is seen, uint8 (count, 28, 28), and the sign that each shows.
    """
    styles: dict[str, list[Template]] = {}
    for template in templates:
        styles.setdefault(template.sign, []).append(template)
    signs = list(styles)
    chosen = [styles[signs[sign]] for sign in generator.integers(len(signs), size=count)]
    drawn = [style[generator.integers(len(style))] for style in chosen]
    images = [
        see(_write_all(drawn[start : start + _CHUNK], generator=generator))
        for start in range(0, count, _CHUNK)
    ]
    return np.concatenate(images), [template.sign for template in drawn]


def _write_all(templates: Sequence[Template], *, generator: np.random.Generator) -> NDArray[np.uint8]:
    """A drawing of each template, ink uint8 (n, N, N); those of one template are made together."""
    ink = np.empty((len(templates), INK_SIZE, INK_SIZE), np.uint8)
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, template in enumerate(templates):
        rows_of.setdefault((template.sign, template.style), []).append(row)
    for rows in rows_of.values():
        ink[rows] = write(templates[rows[0]], len(rows), generator=generator)
    return ink


def see(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the reader sees of ink (n, N, N): uint8 (n, 28, 28)."""
    normalise = Normalisation()
    seen = [
        normalise(ink[start : start + _BATCH_SIZE].astype(np.float32) / 255.0).numpy()
        for start in range(0, len(ink), _BATCH_SIZE)
    ]
    return np.rint(255.0 * np.concatenate(seen)).astype(np.uint8)
