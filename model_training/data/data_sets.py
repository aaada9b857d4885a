"""The data sets that the readers learn from: where their files come from, their licences and hashes."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from model_training.errors import DatasetError


@dataclass(frozen=True)
class DataSet:
    """A public data set.

    Attributes:
        name: in the model card.
        authors: in the model card.
        licence: in the model card.
        source: the page or DOI that describes it.
        url: of the file to download.
        file: the name of that file.
        sha256: hexadecimal digest of the data.
        option: the option of `train` that names a local file with the data.
        archive_sha256: digest of the file to download, if that is an archive of the data.
    """

    name: str
    authors: str
    licence: str
    source: str
    url: str
    file: str
    sha256: str
    option: str
    archive_sha256: str | None = None

    def describe(self) -> dict[str, str]:
        """Return the entry of release.json."""
        return {name: getattr(self, name) for name in ("name", "authors", "licence", "source", "sha256")}


MNIST = DataSet(
    name="MNIST",
    authors="Y. LeCun, C. Cortes and C. Burges",
    licence="CC BY-SA 3.0",
    source="https://keras.io/api/datasets/mnist",
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    file="mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    option="--data",
)
WRITERS = DataSet(
    name="QMNIST, the writers of MNIST's training digits",
    authors="C. Yadav and L. Bottou",
    licence="BSD-3-Clause",
    source="https://github.com/facebookresearch/qmnist",
    url="https://raw.githubusercontent.com/facebookresearch/qmnist/master/qmnist-train-labels-idx2-int.gz",
    file="qmnist-train-labels-idx2-int.gz",
    sha256="2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
    option="--writers",
)
PEN_DIGITS = DataSet(
    name="Pen-Based Recognition of Handwritten Digits, the training digits",
    authors="E. Alpaydin and F. Alimoglu",
    licence="CC BY 4.0",
    source="https://doi.org/10.24432/C5MG6K",
    url="https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip",
    file="pendigits.zip",
    sha256="a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4",
    option="--pen-digits",
    archive_sha256="1e02bea023613c2b11c9492f6f34caf975420455934f3527d270cee9a1f03b64",
)


def download(data_set: DataSet) -> Path:
    """Download the file of a data set once, into Keras's cache, and check it.

    Raises:
        DatasetError: the download fails, or the file has another hash.
    """
    from keras.utils import get_file  # here, so that reading a file does not import TensorFlow

    try:
        path = get_file(data_set.file, data_set.url, file_hash=data_set.archive_sha256 or data_set.sha256)
    except Exception as error:  # Keras raises a bare Exception for every failed download
        others = "" if data_set is MNIST else ", or use --data FILE, which downloads nothing, and do without"
        raise DatasetError(
            f"{data_set.name} cannot be downloaded ({error}); "
            f"check the network, or give the file with {data_set.option} FILE{others}"
        ) from error
    return Path(path)


def read_verified(path: Path, data_set: DataSet) -> bytes:
    """Return the content of a file that holds a data set, unpacked.

    Raises:
        DatasetError: the file cannot be read, or has another content.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    verify(data, data_set, origin=path)
    return data


def verify(data: bytes, data_set: DataSet, *, origin: Path) -> None:
    """Check the content of a data set, unpacked, that was read from `origin`.

    Raises:
        DatasetError: it has another hash.
    """
    actual = hashlib.sha256(data).hexdigest()
    if actual != data_set.sha256:
        raise DatasetError(
            f"{origin} does not hold {data_set.name}: the sha256 of its content is {actual}, expected "
            f"{data_set.sha256}"
        )
