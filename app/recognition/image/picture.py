"""A picture as it was sent: encoded bytes or an array of pixels, turned upright and into 8-bit channels."""

import io
import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
# Kept of a photograph: enough for a page of digits, and a tenth of the time of all that a phone takes.
_MOST_PIXELS = 3_000_000
_ORIENTATION = 0x0112  # the EXIF tag that says how the camera was held


class PictureError(ValueError):
    """The bytes are no picture that can be decoded."""


class TooManyPixelsError(PictureError):
    """The picture is larger than allowed. It has not been decoded."""


@dataclass(frozen=True)
class Picture:
    """An upright picture.

    Attributes:
        colour: uint8 (height, width, channels) with 1 channel (grey) or 3 (red, green, blue).
        opacity: uint8 (height, width), 0 transparent to 255 opaque; None when all is opaque.
        scale: how many times larger, in each direction, the picture was when it was sent.
    """

    colour: NDArray[np.uint8]
    opacity: NDArray[np.uint8] | None = None
    scale: float = 1.0


def open_picture(data: bytes, *, max_pixels: int) -> Image.Image:
    """Read the header of an encoded picture only, so that its size is known before it is decoded.

    Raises:
        PictureError: not a PNG, JPEG or WebP.
        TooManyPixelsError: width x height exceeds `max_pixels`.
    """
    if not data:
        raise PictureError("the picture is empty: it has no bytes")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(f"there are too many pixels; at most {max_pixels:,} are read") from error
    except Exception as error:  # Pillow's parsers raise many kinds of exception for broken bytes
        raise PictureError("the bytes are not a PNG, JPEG or WebP picture") from error
    check_size(image.width * image.height, max_pixels=max_pixels)
    return image


def check_size(pixels: int, *, max_pixels: int) -> None:
    """Raise TooManyPixelsError when `pixels`, width x height, exceed `max_pixels`."""
    if pixels > max_pixels:
        raise TooManyPixelsError(f"there are {pixels:,} pixels; at most {max_pixels:,} are read")


def decode_picture(image: Image.Image) -> Picture:
    """Decode a picture that `open_picture` opened; a photograph of many megapixels is shrunk on the way.

    Raises:
        PictureError: the picture is truncated or broken.
    """
    try:
        sent = max(image.size)
        if image.width * image.height > _MOST_PIXELS:
            # A JPEG is then decoded at a half or a quarter of its size at once, which saves most of the time.
            image.draft(image.mode, _fit(image.size))
        image.load()
        return _shrink(_to_picture(_turn_upright(image)), sent=sent)
    except Exception as error:  # Pillow's decoders raise many kinds of exception for broken bytes
        raise PictureError(f"the {image.format} picture is truncated or broken") from error


def picture_of_pixels(pixels: NDArray[np.uint8]) -> Picture:
    """Make a picture of grey values, uint8 (height, width), 0 black to 255 white."""
    return Picture(pixels[:, :, np.newaxis])


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the same shape with as many pixels as are kept."""
    scale = math.sqrt(_MOST_PIXELS / (size[0] * size[1]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrink(picture: Picture, *, sent: int) -> Picture:
    """The picture with no more pixels than are kept, given its longer side as it was sent."""
    height, width, channels = picture.colour.shape
    if height * width > _MOST_PIXELS:
        size = _fit((width, height))
        colour = np.asarray(cv2.resize(picture.colour, size, interpolation=cv2.INTER_AREA), np.uint8)
        opacity = picture.opacity
        if opacity is not None:
            opacity = np.asarray(cv2.resize(opacity, size, interpolation=cv2.INTER_AREA), np.uint8)
        picture = Picture(colour.reshape(*colour.shape[:2], channels), opacity)
    return replace(picture, scale=sent / max(picture.colour.shape[:2]))


def _turn_upright(image: Image.Image) -> Image.Image:
    try:
        turned = image.getexif().get(_ORIENTATION, 1) != 1
    except Exception:  # a broken EXIF block says nothing about the pixels, which are whole
        return image
    return ImageOps.exif_transpose(image) if turned else image


def _to_picture(image: Image.Image) -> Picture:
    if image.mode.startswith("I"):  # 16-bit grey; of 32-bit "I", PNG fills 16 bits
        wide = np.asarray(image).astype(np.uint32)
        return picture_of_pixels((wide >> 8).astype(np.uint8))
    if image.has_transparency_data:
        values = np.asarray(image if image.mode == "LA" else image.convert("RGBA"))
        return Picture(values[:, :, :-1], opacity=values[:, :, -1])
    if image.mode in ("1", "L"):
        return picture_of_pixels(np.asarray(image if image.mode == "L" else image.convert("L")))
    return Picture(np.asarray(image if image.mode == "RGB" else image.convert("RGB")))
