"""The normalised image does not depend on the position and size of the drawing."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model_training.data.mnist import Mnist
from model_training.normalisation import Normalisation
from model_training.release.reader_export import ink_of

pytestmark = pytest.mark.slow


def _normalise(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    images: NDArray[np.float32] = Normalisation()(ink.astype(np.float32) / 255.0).numpy()
    return images


def _placed(digit: NDArray[np.uint8], *, size: int, x: int, y: int) -> NDArray[np.uint8]:
    ink = np.zeros((1, 112, 112), np.uint8)
    ink[0, y : y + size, x : x + size] = cv2.resize(digit, (size, size), interpolation=cv2.INTER_AREA)
    return ink


def test_mnist_digits_stay_unchanged(mnist: Mnist) -> None:
    """A digit of MNIST is normalised already."""
    difference = np.abs(_normalise(ink_of(mnist.test.images)) - mnist.test.images / 255.0)
    assert np.median(difference.max(axis=(1, 2))) < 1e-5
    assert difference.mean() < 1e-3


@pytest.mark.parametrize(("size", "x", "y"), [(112, 0, 0), (56, 3, 50), (42, 70, 0), (84, 14, 28)])
def test_position_and_size_do_not_matter(mnist: Mnist, size: int, x: int, y: int) -> None:
    """A small digit in a corner gives nearly the same image as a large one."""
    # Smoothed first, so that the coarse pixels of MNIST do not affect the comparison.
    digit = cv2.resize(mnist.test.images[3], (112, 112), interpolation=cv2.INTER_CUBIC)
    image = _normalise(_placed(digit, size=size, x=x, y=y))
    assert np.abs(image - _normalise(digit[None])).mean() < 0.03


@pytest.mark.parametrize(("width", "expected"), [(10, 2.5), (1, 1.0)])
def test_the_longer_side_fills_twenty_pixels(width: int, expected: float) -> None:
    """A bar of 10 by 80 becomes 2.5 by 20; a line of one ink pixel becomes one pixel wide and as dark."""
    ink = np.zeros((1, 112, 112), np.uint8)
    ink[0, 20:100, 5 : 5 + width] = 255
    image = _normalise(ink)[0]
    assert (image.max(axis=1) > 0.01).sum() == 20
    assert image.max() == pytest.approx(1.0)
    assert image.sum(axis=1).max() == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("value", [0, 10])
def test_a_blank_drawing_stays_blank(value: int) -> None:
    """No ink, or a uniform trace of it, gives finite values without contrast."""
    image = _normalise(np.full((1, 112, 112), value, np.uint8))
    assert np.isfinite(image).all()
    assert image.max() <= 0.5
