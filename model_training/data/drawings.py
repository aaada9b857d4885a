"""Digits that nobody wrote: drawn from the stroke templates and seen as the reader sees them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model_training.data.handwriting import write
from model_training.data.mnist import Digits
from model_training.data.templates import Template, load_templates
from model_training.normalisation import Normalisation

_BATCH_SIZE = 250  # drawings normalised at once, so that their ink takes little memory


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
    images = np.empty((count, 28, 28), np.uint8)
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, template in enumerate(drawn):
        rows_of.setdefault((template.sign, template.style), []).append(row)
    for rows in rows_of.values():
        images[rows] = see(write(drawn[rows[0]], len(rows), generator=generator))
    return images, [template.sign for template in drawn]


def see(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the reader sees of ink (n, N, N): uint8 (n, 28, 28)."""
    normalise = Normalisation()
    seen = [
        normalise(ink[start : start + _BATCH_SIZE].astype(np.float32) / 255.0).numpy()
        for start in range(0, len(ink), _BATCH_SIZE)
    ]
    return np.rint(255.0 * np.concatenate(seen)).astype(np.uint8)
