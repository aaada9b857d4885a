"""Reinked and cluttered digits keep their labels, and a seed decides them."""

from collections.abc import Callable

import numpy as np
import pytest

from model_training.data.clutter import clutter
from model_training.data.mnist import Digits, Mnist
from model_training.data.reinking import Pens, reink

pytestmark = pytest.mark.slow

variations = pytest.mark.parametrize("vary", [reink, clutter])


@variations
def test_labels_stay_and_images_change(vary: Callable[..., Digits], mnist: Mnist) -> None:
    """Digits are taken in turn, keep their labels, and no image is an original or repeats."""
    some = mnist.train.rows(np.arange(40))
    varied = vary(some, 60, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(varied.labels, np.concatenate([some.labels, some.labels[:20]]))
    assert varied.images.shape == (60, 28, 28)
    assert varied.images.dtype == np.uint8
    assert (varied.images[:40] != some.images).any(axis=(1, 2)).all()
    assert (varied.images[:20] != varied.images[40:]).any(axis=(1, 2)).all()


@variations
def test_the_seed_decides_all(vary: Callable[..., Digits], mnist: Mnist) -> None:
    """The same seed gives the same images, another seed others."""
    some = mnist.train.rows(np.arange(20))
    first, again, other = (vary(some, 20, generator=np.random.default_rng(seed)).images for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_blank_digit_shows_the_clutter_alone() -> None:
    """Most clutter adds dark ink; grain and pale paper may leave nothing visible."""
    blank = Digits(
        np.pad(np.full((40, 1, 1), 1, np.uint8), ((0, 0), (13, 14), (13, 14))), np.zeros(40, np.uint8)
    )
    images = clutter(blank, 40, generator=np.random.default_rng(0)).images
    assert (images.max(axis=(1, 2)) > 200).mean() > 0.5


def test_thin_pens_do_not_erase_strokes(mnist: Mnist) -> None:
    """The thinnest pen leaves less ink than before, but some in each row that had much."""
    some = mnist.train.rows(np.arange(50))
    pens = Pens(thinner=6.0, thicker=-5.0, bend=0.0, softness=1.0)
    thin = reink(some, 50, generator=np.random.default_rng(0), pens=pens).images
    assert thin.sum() < some.images.sum()
    written = (some.images > 200).sum(axis=2) >= 2
    missing = written & (thin.max(axis=2) < 60)
    assert missing.sum() < 0.05 * written.sum()
