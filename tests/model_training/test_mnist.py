"""MNIST is verified, and split without overlap."""

from pathlib import Path

import numpy as np
import pytest

from model_training.data.mnist import Mnist, load_mnist, split_validation
from model_training.errors import DatasetError

pytestmark = pytest.mark.slow


def test_real_mnist_is_accepted(mnist_file: Path) -> None:
    """The real file loads as 60,000 and 10,000 digits."""
    mnist = load_mnist(mnist_file)
    assert (len(mnist.train), len(mnist.test)) == (60000, 10000)
    assert mnist.train.images.shape == (60000, 28, 28)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"mnist\.npz does not exist"),
        (b"", "not an npz file"),
        (b"not a zip file", "not an npz file"),
        (b"PK\x03\x04 cut off", "not an npz file"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    """Missing, empty, foreign and truncated files are refused."""
    path = tmp_path / "mnist.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        load_mnist(path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "y_train"),
        ({"x_train": np.zeros((60000, 32, 32), np.uint8)}, r"x_train is uint8 \(60000, 32, 32\)"),
        ({"x_train": np.zeros((60000, 28, 28), np.float16)}, "x_train is float16"),
        ({"x_train": np.ones((60000, 28, 28), np.uint8)}, "sha256 of x_train"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    """Missing arrays and other shapes, types and contents are refused, with the array's name."""
    if arrays:
        test = {"x_test": np.zeros((10000, 28, 28), np.uint8), "y_test": np.zeros(10000, np.uint8)}
        arrays = arrays | test | {"y_train": np.zeros(60000, np.uint8)}
    else:
        arrays = {"x_train": np.zeros((60000, 28, 28), np.uint8)}
    np.savez_compressed(tmp_path / "mnist.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match=message):
        load_mnist(tmp_path / "mnist.npz")


def test_the_split_is_always_the_same_and_has_no_overlap(mnist: Mnist) -> None:
    """Training and validation share no digit, are the same in every run, and are never empty."""
    training, validation = split_validation(mnist.train, 100)
    again, _ = split_validation(mnist.train, 100)
    assert (len(training), len(validation)) == (len(mnist.train) - 100, 100)
    known = {image.tobytes() for image in training.images}
    assert not any(image.tobytes() in known for image in validation.images)
    assert np.array_equal(training.images, again.images)
    assert not np.array_equal(training.images, mnist.train.images[100:])
    with pytest.raises(ValueError, match="between 1 and 799"):
        split_validation(mnist.train, 800)
