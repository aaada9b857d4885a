"""Real drawings to measure with: an npz file of encoded pictures, never learnt from.

The file holds `blob`, all encoded pictures end to end, uint8; `offset`, where each begins, and the end of the
last; and for each picture `label`, `group`, `kind` (`digit`, `number` or `other`) and `writer`, as text.
"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.normalisation import INK_SIZE

_FILL = 100  # pixels of the ink's longer side
_FAINT = 0.3  # of the strongest contrast to the paper: less is its texture or shade


class NotCasesError(ValueError):
    """The file holds no cases."""


@dataclass(frozen=True)
class Cases:
    """n drawings of one digit or of something else.

    Attributes:
        ink: uint8 (n, N, N), 0 paper to 255 ink.
        labels: what each shows, as text.
        groups: where each comes from.
        writers: who drew it.
        is_digit: bool (n,).
    """

    ink: NDArray[np.uint8]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]
    writers: NDArray[np.str_]
    is_digit: NDArray[np.bool_]


def load_cases(path: Path) -> Cases:
    """The cases of one digit each, and of none; numbers are left to the app, which finds their digits.

    Raises:
        NotCasesError: the file cannot be read, or holds something else.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            blob, offset = file["blob"], file["offset"]
            columns = {name: file[name].astype(str) for name in ("label", "group", "writer", "kind")}
        rows = np.flatnonzero(columns["kind"] != "number")
        ink = np.array([_draw_ink(blob[offset[row] : offset[row + 1]]) for row in rows])
    except FileNotFoundError as error:
        raise NotCasesError(f"{path} does not exist") from error
    except (OSError, KeyError, ValueError, IndexError, EOFError, BadZipFile, cv2.error) as error:
        raise NotCasesError(f"{path} is not an npz file of drawn cases: {error}") from error
    return Cases(
        ink=ink,
        labels=columns["label"][rows],
        groups=columns["group"][rows],
        writers=columns["writer"][rows],
        is_digit=columns["kind"][rows] == "digit",
    )


def _draw_ink(encoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink (N, N): how far each pixel lies from the paper, cropped and scaled to the reader's size.

    The app cleans photographs with more care; on plain drawings both come to the same.
    """
    picture = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError("a picture cannot be decoded")
    paper = np.median(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]))
    contrast = np.abs(picture.astype(np.float32) - paper)
    contrast = np.maximum(contrast - _FAINT * contrast.max(), 0)
    x, y, width, height = cv2.boundingRect((contrast > 0).astype(np.uint8))
    ink = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    if not width:
        return ink
    scale = _FILL / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(contrast[y : y + height, x : x + width], size, interpolation=way))
    top, left = (INK_SIZE - size[1]) // 2, (INK_SIZE - size[0]) // 2
    ink[top : top + size[1], left : left + size[0]] = np.rint(255 * scaled / scaled.max())
    return ink
