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

from model_training.errors import DatasetError
from model_training.normalisation import INK_SIZE

_INK_LENGTH = 100  # pixels of the ink's longer side
_FAINT = 0.3  # of the strongest contrast with the paper: below it, texture or shade of the paper


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
    """Return an image's contrast with the paper, cropped and scaled to ink (N, N).

    The app removes shade and texture more carefully; on plain drawings both give the same ink.
    """
    image = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError("an image can't be decoded")
    paper = np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]))
    contrast = np.abs(image.astype(np.float32) - paper)
    contrast = np.maximum(contrast - _FAINT * contrast.max(), 0)
    x, y, width, height = cv2.boundingRect((contrast > 0).astype(np.uint8))
    ink = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    if not width:
        return ink
    scale = _INK_LENGTH / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    crop = contrast[y : y + height, x : x + width]
    scaled = np.asarray(cv2.resize(crop, size, interpolation=interpolation))
    top, left = (INK_SIZE - size[1]) // 2, (INK_SIZE - size[0]) // 2
    ink[top : top + size[1], left : left + size[0]] = np.rint(255 * scaled / scaled.max())
    return ink
