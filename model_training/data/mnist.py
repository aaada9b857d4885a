"""MNIST: fetched or read from a file, checked to be the real one, split for training and validation."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

# sha256 of the arrays' bytes, in the layout of keras.datasets.mnist; computed from the original IDX files.
_KNOWN_ARRAYS = {
    "x_train": ((60000, 28, 28), "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"),
    "y_train": ((60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
    "x_test": ((10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
    "y_test": ((10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
}
_SPLIT_SEED = 0


class NotMnistError(ValueError):
    """The data cannot be had, or is not MNIST."""


@dataclass(frozen=True)
class Digits:
    """Pictures of single digits and what they show.

    Attributes:
        images: uint8 (n, 28, 28), 0 paper to 255 ink.
        labels: uint8 (n,), 0..9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, index: NDArray[np.integer]) -> "Digits":
        """The digits at `index`, in that order."""
        return Digits(self.images[index], self.labels[index])


@dataclass(frozen=True)
class Mnist:
    """60,000 digits to train with and 10,000 to test with, by other writers."""

    train: Digits
    test: Digits


def load_mnist(path: Path | None = None) -> Mnist:
    """MNIST from the npz file `path`, else fetched (once, then cached) by `keras.datasets.mnist`.

    Raises:
        NotMnistError: the file cannot be read, the network is down, or the arrays are not MNIST's.
    """
    arrays = _fetch() if path is None else _read(path)
    for name, (shape, sha256) in _KNOWN_ARRAYS.items():
        _check_array(name, arrays[name], shape=shape, sha256=sha256)
    return Mnist(Digits(arrays["x_train"], arrays["y_train"]), Digits(arrays["x_test"], arrays["y_test"]))


def split_validation(digits: Digits, validation_size: int) -> tuple[Digits, Digits]:
    """A random split of `digits` into training and validation digits, the same in every run.

    A network may then learn from other trained ones: none of them has seen what it is validated on.

    Raises:
        ValueError: nothing would be left to train with.
    """
    if not 0 < validation_size < len(digits):
        raise ValueError(f"validation_size must lie between 1 and {len(digits) - 1}, not {validation_size}")
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(digits))
    return digits.rows(order[validation_size:]), digits.rows(order[:validation_size])


def _read(path: Path) -> dict[str, NDArray[np.uint8]]:
    try:
        # Opened here: NumPy leaves a file open that turns out to be no archive.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in _KNOWN_ARRAYS}
    except FileNotFoundError as error:
        raise NotMnistError(f"{path} does not exist") from error
    except KeyError as error:
        raise NotMnistError(f"{path} is not MNIST: it holds no array {error}") from error
    except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise NotMnistError(f"{path} is not an npz file of MNIST: {error}") from error


def _fetch() -> dict[str, NDArray[np.uint8]]:
    from keras.datasets import mnist  # here, so that reading a file needs no TensorFlow

    try:
        (x_train, y_train), (x_test, y_test) = mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception for every failed download
        raise NotMnistError(
            f"MNIST could not be fetched ({error}); check the network, or name a file with --data mnist.npz"
        ) from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def _check_array(name: str, array: NDArray[np.uint8], *, shape: tuple[int, ...], sha256: str) -> None:
    if array.shape != shape or array.dtype != np.uint8:
        raise NotMnistError(
            f"not MNIST: {name} is {array.dtype} {array.shape}, where MNIST has uint8 {shape}"
        )
    if name.startswith("y_") and array.max() > 9:
        raise NotMnistError(f"not MNIST: {name} holds the label {array.max()}, where MNIST has 0 to 9")
    found = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    if found != sha256:
        raise NotMnistError(f"not MNIST: the sha256 of {name} is {found}, where MNIST has {sha256}")
