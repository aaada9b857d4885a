"""Make pictures for tests from real digits."""

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def enlarge(digit: Pixels, *, side: int) -> Pixels:
    """Enlarge or shrink a digit, uint8 (28, 28), smoothly to (side, side)."""
    return np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))


def beside(*digits: Pixels, gap: int = 0) -> Pixels:
    """Put digits of the same height in a row, with `gap` columns of paper between them."""
    paper = np.zeros((len(digits[0]), gap), np.uint8)
    return np.hstack([part for digit in digits for part in (digit, paper)])


def paint(ink: Pixels, *, pen: tuple[int, int, int], paper: tuple[int, int, int]) -> Image.Image:
    """Draw ink, uint8 (h, w), in a colour on a colour."""
    share = ink[:, :, np.newaxis] / 255
    return Image.fromarray((share * np.array(pen) + (1 - share) * np.array(paper)).round().astype(np.uint8))


def encode(image: Image.Image | Pixels, kind: str = "PNG", **options: Any) -> bytes:
    """Encode a picture."""
    buffer = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def as_json(picture: bytes, **fields: Any) -> dict[str, Any]:
    """Return the JSON of a request with an encoded picture."""
    return {"image": base64.b64encode(picture).decode(), **fields}
