"""What the network sees of a drawing does not depend on where and how large it was drawn."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model_training.data.mnist import Mnist
from model_training.normalisation import Normalisation
from model_training.release.reader_export import ink_of


def _see(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    seen: NDArray[np.float32] = Normalisation()(ink.astype(np.float32) / 255.0).numpy()
    return seen


def _placed(digit: NDArray[np.uint8], *, size: int, x: int, y: int) -> NDArray[np.uint8]:
    ink = np.zeros((1, 112, 112), np.uint8)
    ink[0, y : y + size, x : x + size] = cv2.resize(digit, (size, size), interpolation=cv2.INTER_AREA)
    return ink


def test_mnist_digits_are_seen_as_they_are(mnist: Mnist) -> None:
    """A digit that is already in MNIST's frame comes out unchanged."""
    difference = np.abs(_see(ink_of(mnist.test.images)) - mnist.test.images / 255.0)
    assert np.median(difference.max(axis=(1, 2))) < 1e-5
    assert difference.mean() < 1e-3


@pytest.mark.parametrize(("size", "x", "y"), [(112, 0, 0), (56, 3, 50), (42, 70, 0), (84, 14, 28)])
def test_place_and_size_do_not_matter(mnist: Mnist, size: int, x: int, y: int) -> None:
    """A digit drawn small in a corner is seen much as the same digit drawn large."""
    # Smoothed first: what is compared is place and size, not how a coarse pixel grid shrinks.
    digit = cv2.resize(mnist.test.images[3], (112, 112), interpolation=cv2.INTER_CUBIC)
    seen = _see(_placed(digit, size=size, x=x, y=y))
    expected = _see(digit[None])
    assert np.abs(seen - expected).mean() < 0.03


def test_the_longer_side_fills_twenty_pixels_and_the_aspect_is_kept() -> None:
    """A bar of 10 by 80 is seen 20 high and 2.5 wide."""
    ink = np.zeros((1, 112, 112), np.uint8)
    ink[0, 20:100, 5:15] = 255
    seen = _see(ink)[0]
    assert (seen.max(axis=1) > 0.01).sum() == 20
    assert seen.sum(axis=1).max() == pytest.approx(2.5, abs=0.01)


def test_a_thin_pen_is_seen_dark() -> None:
    """A line one ink pixel wide reaches full darkness, as every digit of MNIST does."""
    ink = np.zeros((1, 112, 112), np.uint8)
    ink[0, 10:110, 50] = 255
    assert _see(ink).max() == pytest.approx(1.0)


@pytest.mark.parametrize("value", [0, 10])
def test_a_blank_drawing_is_seen_blank(value: int) -> None:
    """No ink, or a uniform trace of it, gives finite values and no digit-like contrast."""
    seen = _see(np.full((1, 112, 112), value, np.uint8))
    assert np.isfinite(seen).all()
    assert seen.max() <= 0.5


def test_a_full_sheet_of_ink_is_seen() -> None:
    """Ink everywhere stays inside the picture."""
    seen = _see(np.full((1, 112, 112), 255, np.uint8))[0]
    assert seen.sum() == pytest.approx(400, rel=0.01)
