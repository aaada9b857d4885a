"""MNIST: download or read from a file, verify, and split into training and validation digits."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from model_training.data.data_sets import MNIST, WRITERS, download, read_verified
from model_training.errors import DatasetError

# Shape and sha256 of the arrays' bytes as in keras.datasets.mnist, computed from the original IDX files.
_ARRAYS = {
    "x_train": ((60000, 28, 28), "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"),
    "y_train": ((60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
    "x_test": ((10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
    "y_test": ((10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
}
_WRITER = 2  # column of QMNIST's table of eight
_SPLIT_SEED = 0


@dataclass(frozen=True)
class Digits:
    """Images of single digits, uint8 (n, 28, 28), 0 paper to 255 ink, and their labels, uint8 (n,), 0..9.

    `writers`, int64 (n,), are the numbers of those who wrote them; None where they are unknown.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    writers: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, index: NDArray[np.integer]) -> "Digits":
        """Return the digits at `index`, in that order."""
        writers = None if self.writers is None else self.writers[index]
        return Digits(self.images[index], self.labels[index], writers)


@dataclass(frozen=True)
class Mnist:
    """60,000 training digits and 10,000 test digits by other writers."""

    train: Digits
    test: Digits


def load_mnist(path: Path | None = None, *, writers: Path | None = None) -> Mnist:
    """Load MNIST from the npz file `path`, or download it once.

    `writers` is QMNIST's file qmnist-train-labels-idx2-int.gz, which names the writer of each training digit.

    Raises:
        DatasetError: a file cannot be read, the download fails, or the arrays are not MNIST's.
    """
    arrays = _read(download(MNIST) if path is None else path)
    for name, (shape, expected) in _ARRAYS.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != np.uint8:
            raise DatasetError(f"not MNIST: {name} is {array.dtype} {array.shape}, expected uint8 {shape}")
        sha256 = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        if sha256 != expected:
            raise DatasetError(f"not MNIST: the sha256 of {name} is {sha256}, expected {expected}")
    numbers = None if writers is None else _read_writers(writers)
    train = Digits(arrays["x_train"], arrays["y_train"], numbers)
    return Mnist(train, Digits(arrays["x_test"], arrays["y_test"]))


def split_validation(digits: Digits, validation_size: int) -> tuple[Digits, Digits]:
    """Split randomly into training and validation digits, the same way in every run.

    In distillation, therefore, no teacher was trained on the student's validation digits. Where the writers
    are known, none is on both sides, and validation may have some more digits.

    Raises:
        ValueError: no training digits would be left.
    """
    if not 0 < validation_size < len(digits):
        raise ValueError(f"validation_size must lie between 1 and {len(digits) - 1}, not {validation_size}")
    generator = np.random.default_rng(_SPLIT_SEED)
    if digits.writers is not None:
        writers, counts = np.unique(digits.writers, return_counts=True)
        order = generator.permutation(len(writers))
        last = int(np.searchsorted(np.cumsum(counts[order]), validation_size))
        held_out = np.isin(digits.writers, writers[order[: last + 1]])
        if held_out.all():
            raise ValueError(f"validation_size {validation_size} leaves no writer for training")
        return digits.rows(np.flatnonzero(~held_out)), digits.rows(np.flatnonzero(held_out))
    order = generator.permutation(len(digits))
    return digits.rows(order[validation_size:]), digits.rows(order[:validation_size])


def _read(path: Path) -> dict[str, NDArray[np.uint8]]:
    try:
        # Opened here, because NumPy does not close a file that is no archive.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in _ARRAYS}
    except FileNotFoundError as error:
        raise DatasetError(f"{path} does not exist") from error
    except KeyError as error:
        raise DatasetError(f"{path} is not MNIST: it has no array {error}") from error
    except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise DatasetError(f"{path} is not an npz file of MNIST: {error}") from error


def _read_writers(path: Path) -> NDArray[np.int64]:
    """Return the writer of each of the 60,000 training digits; Yadav and Bottou, 2019."""
    data = read_verified(path, WRITERS)
    table = np.frombuffer(gzip.decompress(data), ">i4", offset=12).reshape(60000, 8)
    return table[:, _WRITER].astype(np.int64)
