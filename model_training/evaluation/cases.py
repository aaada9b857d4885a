"""Drawn cases: real drawings in an npz file, for evaluation only and never for training.

The file holds `blob`, all encoded images end to end, uint8; `offset`, the start of each image and the end of
the last; and for each image `label`, `group`, `kind` (`digit`, `number`, `written` or `other`) and `writer`,
as text.
"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.ink import find_ink, place_ink
from model_training.errors import DatasetError


@dataclass(frozen=True)
class Cases:
    """n drawings of one digit or of something else.

    Attributes:
        ink: uint8 (n, N, N), 0 paper to 255 ink.
        labels: what each drawing shows, as text.
        groups: the data set of each drawing.
        writers: the writer of each drawing.
        is_digit: bool (n,).
    """

    ink: NDArray[np.uint8]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]
    writers: NDArray[np.str_]
    is_digit: NDArray[np.bool_]


def load_cases(path: Path) -> Cases:
    """Return the cases that show one digit or no digit; numbers are left out, since only the app reads them.

    Raises:
        DatasetError: the file cannot be read, or holds no such cases.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            blob, offset = file["blob"], file["offset"]
            columns = {name: file[name].astype(str) for name in ("label", "group", "writer", "kind")}
        rows = np.flatnonzero(np.isin(columns["kind"], ("digit", "other")))
        ink = np.array([_decode_ink(blob[offset[row] : offset[row + 1]]) for row in rows])
    except FileNotFoundError as error:
        raise DatasetError(f"{path} does not exist") from error
    except (OSError, KeyError, ValueError, IndexError, EOFError, BadZipFile, cv2.error) as error:
        raise DatasetError(f"{path} is not an npz file of drawn cases: {error}") from error
    if not len(rows):
        raise DatasetError(f"{path} holds no drawn cases of kind digit or other")
    return Cases(
        ink=ink,
        labels=columns["label"][rows],
        groups=columns["group"][rows],
        writers=columns["writer"][rows],
        is_digit=columns["kind"][rows] == "digit",
    )


def _decode_ink(encoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ink (N, N) of an encoded image."""
    image = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError("an image can't be decoded")
    return place_ink(find_ink(np.asarray(image, np.uint8)))
