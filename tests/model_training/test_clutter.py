"""Digits among lines, specks and grain are still those digits, in a picture that shows more."""

import numpy as np

from model_training.data.clutter import clutter
from model_training.data.mnist import Digits, Mnist
from model_training.normalisation import SEEN_SIZE


def _clutter(digits: Digits, count: int, *, seed: int = 0) -> Digits:
    return clutter(digits, count, generator=np.random.default_rng(seed))


def test_each_digit_keeps_its_label_among_other_ink(mnist: Mnist) -> None:
    """Taken in turn, each is what the reader would see, and no picture is the digit alone."""
    some = mnist.train.rows(np.arange(40))
    found = _clutter(some, 60)
    np.testing.assert_array_equal(found.labels, np.concatenate([some.labels, some.labels[:20]]))
    assert found.images.shape == (60, SEEN_SIZE, SEEN_SIZE)
    assert found.images.dtype == np.uint8
    assert (found.images[:40] != some.images).any(axis=(1, 2)).all()


def test_a_seed_decides_all_clutter(mnist: Mnist) -> None:
    """The same seed gives the same pictures, another seed others."""
    some = mnist.train.rows(np.arange(20))
    np.testing.assert_array_equal(_clutter(some, 20).images, _clutter(some, 20).images)
    assert (_clutter(some, 20).images != _clutter(some, 20, seed=1).images).any()


def test_a_blank_digit_shows_the_clutter_alone() -> None:
    """Most clutter puts ink where there was none; grain and pale paper may leave nothing to see."""
    blank = Digits(
        np.pad(np.full((40, 1, 1), 1, np.uint8), ((0, 0), (13, 14), (13, 14))), np.zeros(40, np.uint8)
    )
    assert (_clutter(blank, 40).images.max(axis=(1, 2)) > 200).mean() > 0.5
