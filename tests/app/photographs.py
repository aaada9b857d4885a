"""Photographs of a number on paper, as users give them to the page."""

import numpy as np
from PIL import Image

from tests.pictures import Pixels, encode, paint
from tests.written_numbers import Line, write_number

_ORIENTATION = 0x0112  # the EXIF tag with the camera's orientation
_PEN, _PAPER = (35, 45, 110), (226, 221, 208)


def photograph(number: str, *, width: int = 1200, kind: str = "JPEG", turned: bool = False) -> bytes:
    """Return a number in blue ink on yellowish paper, as an encoded picture.

    Args:
        number: its digits, written large and apart.
        width: of the picture, in pixels.
        kind: Pillow's name of the format.
        turned: whether the camera was held on its side, with that orientation in EXIF.
    """
    picture = paint(_write(number), pen=_PEN, paper=_PAPER)
    picture = picture.resize((width, width * picture.height // picture.width))
    if not turned:
        return encode(picture, kind)
    exif = Image.Exif()
    exif[_ORIENTATION] = 6  # turned by 90 degrees to the right
    return encode(picture.transpose(Image.Transpose.ROTATE_90), kind, exif=exif)


def cut_out(number: str, *, kind: str) -> bytes:
    """Return a number in white ink on transparent paper, as an encoded picture."""
    ink = _write(number)
    white = np.full_like(ink, 255)
    return encode(Image.fromarray(np.dstack([white, white, white, ink])), kind, lossless=True)


def _write(number: str) -> Pixels:
    line = Line(height=160, pen_width=(0.07, 0.07), gap=(0.3, 0.4), margin=0.8)
    return write_number(number, generator=np.random.default_rng(1), line=line)
