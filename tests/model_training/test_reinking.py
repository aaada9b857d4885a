"""MNIST's digits written once more stay the same digits, with other pens."""

import numpy as np

from model_training.data.mnist import Digits, Mnist
from model_training.data.reinking import Pens, reink


def _reink(digits: Digits, *, pens: Pens | None = None, seed: int = 0) -> Digits:
    return reink(digits, len(digits), generator=np.random.default_rng(seed), pens=pens or Pens())


def test_labels_stay_and_pictures_change(mnist: Mnist) -> None:
    """Each picture keeps its label, is of the same kind, and another than before."""
    some = mnist.train.rows(np.arange(50))
    written = _reink(some)
    np.testing.assert_array_equal(written.labels, some.labels)
    assert written.images.shape == some.images.shape
    assert written.images.dtype == np.uint8
    assert (written.images != some.images).any(axis=(1, 2)).all()


def test_a_seed_decides_all(mnist: Mnist) -> None:
    """The same seed gives the same pictures, another seed others."""
    some = mnist.train.rows(np.arange(20))
    np.testing.assert_array_equal(_reink(some).images, _reink(some).images)
    assert (_reink(some).images != _reink(some, seed=1).images).any()


def test_more_are_asked_for_than_there_are(mnist: Mnist) -> None:
    """Then each is written more than once, differently."""
    two = mnist.train.rows(np.arange(2))
    written = reink(two, 4, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(written.labels, [*two.labels, *two.labels])
    assert (written.images[0] != written.images[2]).any()


def test_thin_pens_never_wear_a_stroke_away(mnist: Mnist) -> None:
    """With the thinnest pen, less ink than before, but some in each row that had much."""
    some = mnist.train.rows(np.arange(50))
    thin = _reink(some, pens=Pens(thinner=6.0, thicker=-5.0, bend=0.0, softness=1.0)).images
    assert thin.sum() < some.images.sum()
    written = (some.images > 200).sum(axis=2) >= 2
    missing = written & (thin.max(axis=2) < 60)
    assert missing.sum() < 0.05 * written.sum()
