"""Decodes a picture: base64 or encoded bytes, or an array of pixels, to upright 8-bit channels."""

import base64
import io
import math
import re
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from app.recognition.image.formats import FORMAT_NAMES, FORMATS

# Larger photographs are shrunk: a page of digits is still legible, in a tenth of the time of 12 megapixels.
_MAX_DECODED_PIXELS = 3_000_000
_URL = re.compile(r"(?:https?|ftp|file)://", re.IGNORECASE)
_WHITE_SPACE = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")
_FULL_GREY = (255, 1023, 4095, 16383, 65535)  # of 8, 10, 12, 14 and 16 bits
# Exceptions of Pillow for broken bytes. UserWarning is raised only where warnings are errors.
_BROKEN: tuple[type[Exception], ...] = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError)
_BROKEN += (ArithmeticError, AssertionError, RuntimeError, struct.error, zlib.error, UserWarning)


class PictureError(ValueError):
    """The bytes or the text can't be decoded as a picture."""


class UnknownFormatError(PictureError):
    """The bytes are not a picture in one of FORMATS."""


class TooManyPixelsError(PictureError):
    """The picture is larger than allowed. It has not been decoded."""


@dataclass(frozen=True)
class Picture:
    """An upright picture."""

    colour: NDArray[np.uint8]  # (height, width, channels) with 1 channel (grey) or 3 (red, green, blue)
    opacity: NDArray[np.uint8] | None = None  # (height, width), 0 transparent to 255; None when all is opaque
    scale: float = 1.0  # how many times larger, in each direction, the picture was before it was shrunk


def decode_base64(text: str) -> bytes:
    """Decode base64 of either alphabet, plain or as a data: URL. URLs are never fetched.

    Padding may be missing. White space is ignored, except for spaces that stand for pluses.

    Raises:
        PictureError: the text is neither.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if _URL.match(text):
        raise PictureError("the image is a URL; nothing is fetched, so send the picture itself in base64")
    if text[:5].lower() == "data:":
        head, _, text = text.partition(",")
        if not head.lower().endswith(";base64"):
            raise PictureError("the data: URL is not in base64")
    text = _join_lines(text.rstrip()).rstrip("=").translate(_URL_SAFE)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise PictureError("the image is not valid base64") from error


def _join_lines(text: str) -> str:
    """Return base64 without white space, but with pluses for spaces if a form has replaced all pluses.

    Spaces beside a line break, between lines of one length, or far more frequent than pluses are none.
    """
    length, spaces = text.find(" "), text.count(" ")
    if not 0 < spaces < len(text) / 16 or "+" in text:
        return _WHITE_SPACE.sub("", text)
    breaks = text[length :: length + 1]
    if length % 4 == 0 and breaks.isspace() and len(breaks) == spaces and (len(text) - spaces) % 4 == 0:
        return _WHITE_SPACE.sub("", text)
    return _WHITE_SPACE.sub(lambda found: "" if "\n" in found[0] else "+" * len(found[0]), text)


def open_picture(data: bytes, *, max_pixels: int) -> Image.Image:
    """Read only the header of an encoded picture, and check the size before anything is decoded.

    Raises:
        PictureError: there are no bytes, or no picture in one of FORMATS.
        TooManyPixelsError: width x height exceeds `max_pixels`.
    """
    if not data:
        raise PictureError("the picture is empty: it has no bytes")
    try:
        image = Image.open(io.BytesIO(data), formats=[each.pillow_name for each in FORMATS])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(f"there are too many pixels; at most {max_pixels:,} are read") from error
    except _BROKEN as error:
        raise UnknownFormatError(f"the bytes are not a {FORMAT_NAMES} picture") from error
    check_size(image.width * image.height, max_pixels=max_pixels)
    return image


def check_size(pixels: int, *, max_pixels: int, what: str = "the picture has") -> None:
    """Raise TooManyPixelsError when `pixels`, width x height, of `what` exceed `max_pixels`."""
    if pixels > max_pixels:
        raise TooManyPixelsError(f"{what} {pixels:,} pixels; at most {max_pixels:,} are read")


def decode_picture(image: Image.Image) -> Picture:
    """Decode a picture that `open_picture` opened; a photograph of many megapixels is shrunk.

    Raises:
        PictureError: the picture is truncated or broken.
    """
    longer_side = max(image.size)
    try:
        decoded = _decode(image)
    except _BROKEN as error:
        raise PictureError(f"the {image.format} picture is truncated or broken") from error
    picture = _shrink(_to_picture(decoded))
    return replace(picture, scale=longer_side / max(picture.colour.shape[:2]))


def picture_of_pixels(pixels: NDArray[np.uint8]) -> Picture:
    """Make a picture of grey values, uint8 (height, width), 0 black to 255 white."""
    return Picture(pixels[:, :, np.newaxis])


def _decode(image: Image.Image) -> Image.Image:
    """Decode with Pillow alone: upright, in 16-bit or 32-bit grey, "L", "LA", "RGB" or "RGBA"."""
    if image.width * image.height > _MAX_DECODED_PIXELS:
        image.draft(image.mode, _fit(image.size))  # decodes a JPEG at half or quarter size, much faster
    image.load()
    with suppress(*_BROKEN):  # of a broken EXIF block, whose pixels are whole
        ImageOps.exif_transpose(image, in_place=True)
    if image.mode[0] in "IF":
        return image
    if image.has_transparency_data:
        mode = "LA" if image.mode == "LA" else "RGBA"
    else:
        mode = "L" if image.mode in ("1", "L") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _to_picture(image: Image.Image) -> Picture:
    values = np.asarray(image)
    if image.mode[0] in "IF":
        return picture_of_pixels(_to_8_bits(values))
    if image.mode in ("LA", "RGBA"):
        return Picture(values[:, :, :-1], opacity=values[:, :, -1])
    return picture_of_pixels(values) if values.ndim == 2 else Picture(values)


def _to_8_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return grey values of more than 8 bits by the least usual depth that holds them, floats from 0 to 1."""
    depths = (1, *_FULL_GREY) if values.dtype.kind == "f" else _FULL_GREY
    grey = np.nan_to_num(values.astype(np.float32), copy=False)
    largest = float(np.clip(grey, 0, None, out=grey).max(initial=0))
    grey *= 255 / next((depth for depth in depths if largest <= depth), largest)
    return np.asarray(np.rint(grey, out=grey), np.uint8)


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    """Return the largest width and height of the same shape within _MAX_DECODED_PIXELS."""
    scale = math.sqrt(_MAX_DECODED_PIXELS / (size[0] * size[1]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrink(picture: Picture) -> Picture:
    height, width, channels = picture.colour.shape
    if height * width <= _MAX_DECODED_PIXELS:
        return picture
    size, opacity = _fit((width, height)), picture.opacity
    colour = np.asarray(cv2.resize(picture.colour, size, interpolation=cv2.INTER_AREA), np.uint8)
    if opacity is not None:
        opacity = np.asarray(cv2.resize(opacity, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Picture(colour.reshape(*colour.shape[:2], channels), opacity)
