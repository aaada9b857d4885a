"""A digit is read from every kind of picture."""

import tracemalloc
from collections.abc import Callable
from dataclasses import astuple
from functools import partial

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFile

from app.recognition.image import picture as picture_module
from app.recognition.image.formats import FORMAT_NAMES, FORMATS
from app.recognition.image.picture import PictureError, TooManyPixelsError, decode_picture, open_picture
from app.recognition.reading import Expect, Reading
from tests.app.recognition.conftest import Read
from tests.conftest import Digits
from tests.pictures import Pixels, encode, enlarge, paint

Colour = tuple[int, int, int]


def _opaque_where_ink(ink: Pixels, *, pen: int = 0) -> bytes:
    return encode(Image.merge("LA", (Image.new("L", ink.shape[::-1], pen), Image.fromarray(ink))))


def _dark(ink: Pixels) -> Image.Image:
    return Image.fromarray(255 - ink)


def _paint(ink: Pixels, *, pen: Colour, paper: Colour) -> bytes:
    return encode(paint(ink, pen=pen, paper=paper))


def _with_round_corners(ink: Pixels) -> bytes:
    picture = _dark(ink).convert("RGBA")
    picture.paste(Image.new("RGBA", (12, 12)), (0, 0))
    return encode(picture)


def _in_palette_with_transparency(ink: Pixels) -> bytes:
    picture = Image.fromarray((ink > 127).astype(np.uint8)).convert("P")
    picture.putpalette([255, 255, 255, 0, 0, 0])
    return encode(picture, transparency=0)


def _in_format(ink: Pixels, *, name: str) -> bytes:
    return encode(_dark(ink), name)


def _turned_by_exif(ink: Pixels) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the right
    return encode(_dark(np.rot90(ink)), "JPEG", exif=exif)


def _with_broken_exif(ink: Pixels) -> bytes:
    return encode(_dark(ink), "JPEG", exif=b"Exif\x00\x00broken")


def _framed(ink: Pixels) -> bytes:
    pixels = 255 - ink
    pixels[:4], pixels[-4:], pixels[:, :4], pixels[:, -4:] = 0, 0, 0, 0
    return encode(pixels)


def _in_shade(ink: Pixels) -> bytes:
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    light = 1 - 0.2 * (x**2 + y**2)  # corners lose 40 %
    return encode(((230 - 200 * (ink / 255)) * light).astype(np.uint8), "JPEG")


def _with_specks(ink: Pixels) -> bytes:
    pixels = 255 - ink
    pixels[::97, ::83] = 60
    return encode(pixels)


def _with_noise(ink: Pixels) -> bytes:
    noise = np.random.default_rng(0).normal(0, 8, ink.shape)
    return encode(np.clip(225 - 180 * (ink / 255) + noise, 0, 255).astype(np.uint8))


BLACK, WHITE = (0, 0, 0), (255, 255, 255)
PENS = {
    "black on white": (BLACK, WHITE),
    "white on black": (WHITE, BLACK),
    "red on white": ((255, 0, 0), WHITE),
    "blue on white": ((0, 0, 255), WHITE),
    "blue on black": ((0, 0, 255), BLACK),
    "yellow on white": ((255, 255, 0), WHITE),
    "chalk on green": ((230, 240, 230), (20, 80, 50)),
    "red on green of the same brightness": ((130, 0, 0), (0, 66, 0)),
    "pencil": ((190, 190, 190), (235, 235, 230)),
}
KINDS: dict[str, Callable[[Pixels], bytes]] = {
    **{name: partial(_paint, pen=pen, paper=paper) for name, (pen, paper) in PENS.items()},
    "transparent, black ink": _opaque_where_ink,
    "transparent, white ink": lambda ink: _opaque_where_ink(ink, pen=255),
    "opaque with alpha": lambda ink: encode(_dark(ink).convert("RGBA")),
    "round transparent corners": _with_round_corners,
    "16-bit grey": lambda ink: encode(Image.fromarray((255 - ink).astype(np.uint16) * 257)),
    "12-bit grey": lambda ink: encode(Image.fromarray((255 - ink).astype(np.uint16) * 16)),
    "32-bit TIFF": lambda ink: encode(Image.fromarray((255 - ink).astype(np.int32)), "TIFF"),
    "floats in a TIFF": lambda ink: encode(Image.fromarray((255 - ink) / np.float32(255)), "TIFF"),
    "animated GIF": lambda ink: encode(
        _dark(ink), "GIF", save_all=True, append_images=[Image.new("L", (9, 9))]
    ),
    **{name: partial(_in_format, name=name) for name in ("BMP", "TIFF", "WEBP", "AVIF", "HEIF")},
    "palette": lambda ink: encode(_dark(ink).convert("P")),
    "palette with transparency": _in_palette_with_transparency,
    "1-bit": lambda ink: encode(_dark(ink).convert("1", dither=Image.Dither.NONE)),
    "CMYK": lambda ink: encode(_dark(ink).convert("CMYK"), "JPEG"),
    "turned by EXIF": _turned_by_exif,
    "broken EXIF": _with_broken_exif,
    "strong JPEG compression": lambda ink: encode(_dark(ink), "JPEG", quality=15),
    "frame": _framed,
    "shade": _in_shade,
    "specks": _with_specks,
    "noise": _with_noise,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("expect", ["digit", "auto"])
def test_kind_of_picture_does_not_matter(read: Read, digits: Digits, kind: str, expect: Expect) -> None:
    """The first digits of MNIST, a 7, a 2 and a 1, are read in all colours and kinds of picture."""
    pictures = [KINDS[kind](enlarge(image, side=280)) for image in digits.images[:3]]
    assert [read(picture, expect).text for picture in pictures] == ["7", "2", "1"]


@pytest.mark.parametrize("side", [8, 12, 28, 100, 113, 640, 4000])
@pytest.mark.parametrize("dark_on_light", [True, False])
def test_any_size_is_read(read: Read, digits: Digits, side: int, dark_on_light: bool) -> None:
    """A 7 of 8x8 to 4000x4000 pixels is read."""
    ink = enlarge(digits.images[0], side=side)
    assert read(encode(255 - ink if dark_on_light else ink), "digit").text == "7"


@pytest.mark.parametrize("expect", ["auto", "digit", "number"])
@pytest.mark.parametrize("shape", [(1, 1_200_000), (1_200_000, 1), (3, 900_000)])
def test_picture_of_a_few_rows_or_columns_is_read(read: Read, shape: tuple[int, int], expect: Expect) -> None:
    """Reading a very long picture takes no more memory than a photograph does."""
    picture = np.full(shape, 255, np.uint8)
    picture[: -(-shape[0] // 2), : -(-shape[1] // 2)] = 0
    tracemalloc.start()
    try:
        read(picture, expect)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200e6


def test_hair_thin_pen_is_read_in_a_large_picture(read: Read) -> None:
    """A 1 and a 0 drawn with a pen of one pixel in 3000x3000 do not fade away."""
    one, zero = np.full((3000, 3000), 255, np.uint8), np.full((3000, 3000), 255, np.uint8)
    cv2.line(one, (1500, 400), (1500, 2600), color=[0.0])
    cv2.ellipse(zero, (1500, 1500), (700, 1100), 0, 0, 360, color=[0.0])
    assert [read(encode(pixels), "digit").text for pixels in (one, zero)] == ["1", "0"]


@pytest.mark.parametrize("kind", ["frame", "shade", "specks", "noise", "strong JPEG compression"])
@pytest.mark.parametrize("expect", ["digit", "auto"])
def test_dirt_does_not_move_the_box(read: Read, digits: Digits, kind: str, expect: Expect) -> None:
    """The box is that of the digit's ink alone, to one of MNIST's pixels, whatever else is in the picture."""
    for image in digits.images[:3]:
        ink = enlarge(image, side=280)
        clean, dirty = (
            [astuple(digit.box) for digit in read(each, expect).digits]
            for each in (255 - ink, KINDS[kind](ink))
        )
        assert dirty == [pytest.approx(box, abs=10) for box in clean]


def test_grey_levels_of_a_soft_digit_are_kept(read: Read, digits: Digits) -> None:
    """A 28x28 digit has the same probabilities in white on black and in black on white."""
    for image in digits.images[:20]:
        assert read(image, "digit") == read(255 - image, "digit")


def _noise(deviation: float, *, channels: slice = slice(0, 3)) -> Pixels:
    pixels = np.full((300, 300, 3), 200, np.uint8)
    noise = np.random.default_rng(0).normal(200, deviation, (300, 300, 1))
    pixels[:, :, channels] = np.clip(noise, 0, 255)
    return pixels


EMPTY: dict[str, Pixels | bytes] = {
    **{f"level {level}": np.full((8, 9), level, np.uint8) for level in (0, 1, 127, 255)},
    **{f"blank {mode}": encode(Image.new(mode, (50, 40))) for mode in ("RGBA", "LA", "RGB", "L", "1", "P")},
    "half transparent": encode(Image.new("RGBA", (50, 40), (0, 0, 0, 100))),
    "faint stain": np.pad(np.full((40, 10), 225, np.uint8), ((30, 30), (45, 45)), constant_values=240),
    **{f"noise of a camera, {deviation}": _noise(deviation) for deviation in (1, 3, 8)},
    **{f"noise in channel {i}": _noise(8, channels=slice(i, i + 1)) for i in range(3)},
}


@pytest.mark.parametrize("picture", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("expect", ["auto", "digit", "number"])
def test_picture_without_a_drawing_is_empty(read: Read, picture: Pixels | bytes, expect: Expect) -> None:
    """A uniform picture, a faint stain, and noise in all channels or in one have no text and no digits."""
    assert read(picture, expect) == Reading("", ())


def test_half_transparent_all_over_is_read_by_its_colours(read: Read, digits: Digits) -> None:
    """A layer of even opacity has its drawing in its colours."""
    layer = _dark(enlarge(digits.images[0], side=280)).convert("RGBA")
    layer.putalpha(100)
    assert read(encode(layer), "digit").text == "7"


@pytest.mark.parametrize("name", [each.pillow_name for each in FORMATS])
def test_pixels_are_counted_before_decoding(
    digits: Digits, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A picture of any format with too many pixels is refused by its header."""
    picture = encode(digits.images[0], name)
    monkeypatch.delattr(ImageFile.ImageFile, "load")
    with pytest.raises(TooManyPixelsError):
        open_picture(picture, max_pixels=28 * 28 - 1)


@pytest.mark.parametrize("name", ["PPM", "TGA", "ICO"])
def test_other_formats_are_refused_with_the_names_of_those_that_are_read(digits: Digits, name: str) -> None:
    """The error names each format of the table."""
    with pytest.raises(PictureError, match=FORMAT_NAMES):
        open_picture(encode(digits.images[0], name), max_pixels=10_000)
    assert all(each.name in FORMAT_NAMES for each in FORMATS)


@pytest.mark.parametrize("error", [ValueError, TypeError, IndexError, OSError])
def test_defect_of_ours_is_not_a_broken_picture(
    digits: Digits, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """An exception of our own code while a whole picture is decoded is not turned into PictureError."""

    def fail(*_: object) -> None:
        raise error("a defect")

    monkeypatch.setattr(picture_module, "_to_picture", fail)
    image = open_picture(encode(digits.images[0]), max_pixels=10_000)
    with pytest.raises(error, match="a defect") as caught:
        decode_picture(image)
    assert not isinstance(caught.value, PictureError)
