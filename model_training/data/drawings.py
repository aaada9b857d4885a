"""Digits and other signs drawn from the stroke templates, as normalised images."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model_training.data.handwriting import write
from model_training.data.ink import Inks, draw_normalised
from model_training.data.mnist import Digits
from model_training.data.templates import Template, load_templates
from model_training.normalisation import INK_SIZE


def draw_digits(count: int, *, seed: int) -> Digits:
    """Draw `count` digits, uniformly distributed over the ten digits and over the styles of each."""
    images, signs = draw_signs(load_templates("digits"), count, generator=np.random.default_rng([seed, 0]))
    return Digits(images, np.array([int(sign) for sign in signs], np.uint8))


def draw_signs(
    templates: Sequence[Template], count: int, *, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], list[str]]:
    """Draw `count` signs in random order, uniformly over the signs, then over the styles of each.

    Returns:
        Normalised images, uint8 (count, 28, 28), and the sign of each.
    """
    styles: dict[str, list[Template]] = {}
    for template in templates:
        styles.setdefault(template.sign, []).append(template)
    signs = list(styles)
    chosen = [styles[signs[sign]] for sign in generator.integers(len(signs), size=count)]
    drawn = [style[generator.integers(len(style))] for style in chosen]
    images = draw_normalised(drawn, partial(_write_all, generator=generator))
    return images, [template.sign for template in drawn]


def _write_all(templates: Sequence[Template], *, generator: np.random.Generator) -> Inks:
    """Draw each template once, those of the same template in one call."""
    ink = np.empty((len(templates), INK_SIZE, INK_SIZE), np.uint8)
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, template in enumerate(templates):
        rows_of.setdefault((template.sign, template.style), []).append(row)
    for rows in rows_of.values():
        ink[rows] = write(templates[rows[0]], len(rows), generator=generator)
    return ink
