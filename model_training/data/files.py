"""Files of data sets, verified by their hash."""

import hashlib
from pathlib import Path

from model_training.errors import DatasetError


def read_verified(path: Path, *, name: str, sha256: str) -> bytes:
    """Return the content of a file.

    Args:
        path: of the file.
        name: what the file should be, for errors.
        sha256: hexadecimal digest that its content must have.

    Raises:
        DatasetError: the file cannot be read, or has another content.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != sha256:
        raise DatasetError(f"{path} is not {name}: its sha256 is {actual}, expected {sha256}")
    return data
