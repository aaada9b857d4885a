"""Damage pictures in ways that can break decoders, for the tests and for the fuzzing in benchmarks/.

The result depends on the random generator only, so a seed gives the same files again.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PIL import Image

from app.recognition.image.formats import FORMATS
from tests.pictures import Pixels, encode, enlarge

KINDS = tuple(each.pillow_name for each in FORMATS)
_SIDE = 64  # pixels of a picture: small, so that damage hits headers often
_SIZES = (0, 1, 0x7F, 0xFF, 0x1000, 0x3FFF, 0x7FFF, 0xFFFF)  # widths and heights in a damaged header
# Of each format: the mark before width and height, their distance from its start, and their layout.
_SIZE_FIELDS = {
    "PNG": (b"IHDR", 4, ">II"),
    "JPEG": (b"\xff\xc0", 5, ">HH"),
    "WEBP": (b"VP8 ", 14, "<HH"),
    "GIF": (b"GIF89a", 6, "<HH"),
    "BMP": (b"BM", 18, "<II"),
    "AVIF": (b"ispe", 8, ">II"),
    "HEIF": (b"ispe", 8, ">II"),
}
_DAMAGES = ("flip", "cut", "drop", "repeat", "splice", "resize")

Option = TypeVar("Option")


@dataclass(frozen=True)
class Mutated:
    """A damaged picture.

    Attributes:
        kind: its original format, one of KINDS.
        damage: the kinds of damage, joined by " + ".
        data: the file.
    """

    kind: str
    damage: str
    data: bytes


def encode_variants(digit: Pixels) -> dict[str, list[bytes]]:
    """Encode a digit, uint8 (28, 28), in variants of each kind that use different parts of a decoder."""
    grey = Image.fromarray(enlarge(digit, side=_SIDE))
    colour = grey.convert("RGB")
    clear = Image.merge("RGBA", [*colour.split(), grey])
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotated by 90 degrees
    modes = [grey, colour, clear, *(grey.convert(mode) for mode in ("P", "1", "I;16"))]
    variants = {
        "PNG": [*(encode(image) for image in modes), encode(grey, exif=exif, dpi=(300, 300))],
        "JPEG": [
            encode(grey, "JPEG"),
            encode(colour, "JPEG", exif=exif),
            encode(colour, "JPEG", progressive=True),
            encode(colour.convert("CMYK"), "JPEG"),
        ],
        "WEBP": [
            encode(colour, "WEBP"),
            encode(colour, "WEBP", lossless=True),
            encode(clear, "WEBP", exif=exif),
            encode(clear, "WEBP", save_all=True, append_images=[clear.transpose(Image.Transpose.ROTATE_90)]),
        ],
        "GIF": [encode(grey, "GIF"), encode(grey, "GIF", interlace=0), encode(clear, "GIF")],
        "BMP": [encode(image, "BMP") for image in (grey, colour, clear, grey.convert("1"))],
        "TIFF": [
            *(encode(image, "TIFF") for image in modes),
            *(encode(grey, "TIFF", compression=name) for name in ("tiff_lzw", "tiff_deflate", "packbits")),
            encode(colour, "TIFF", compression="jpeg"),
            encode(grey.convert("1"), "TIFF", compression="group4"),
        ],
        "AVIF": [encode(image, "AVIF", speed=10) for image in (grey, colour, clear)],
    }
    if "HEIF" in KINDS:
        variants["HEIF"] = [encode(image, "HEIF") for image in (grey, colour, clear)]
    return variants


def mutate(pictures: dict[str, list[bytes]], kind: str, generator: np.random.Generator) -> Mutated:
    """Damage a random picture of a kind, one to three times."""
    data = _choose(pictures[kind], generator)
    names = [_choose(_DAMAGES, generator) for _ in range(int(generator.integers(1, 4)))]
    for name in names:
        other = _choose(pictures[_choose(KINDS, generator)], generator)
        data = _damage(data, name, kind=kind, other=other, generator=generator)
    if kind == "PNG" and generator.random() < 0.7:  # else the checksum refuses most of them
        data = _repair_checksums(data)
    return Mutated(kind, " + ".join(names), data)


def _damage(data: bytes, name: str, *, kind: str, other: bytes, generator: np.random.Generator) -> bytes:
    place, length = int(generator.integers(0, len(data) + 1)), int(generator.integers(1, 65))
    match name:
        case "cut":
            return data[:place]
        case "drop":
            return data[:place] + data[place + length :]
        case "repeat":
            return data[: place + length] + data[place:]
        case "splice":
            return data[:place] + other[int(generator.integers(0, len(other) + 1)) :]
        case "resize":
            return _resize(data, kind, generator)
    changed = bytearray(data)
    for flipped in generator.integers(0, max(1, len(data)), 4)[: len(data)]:
        changed[flipped] ^= int(generator.integers(1, 256))
    return bytes(changed)


def _resize(data: bytes, kind: str, generator: np.random.Generator) -> bytes:
    """Change width and height in the header, where it has the usual form."""
    if kind not in _SIZE_FIELDS:  # a TIFF has its size anywhere
        return data
    mark, distance, layout = _SIZE_FIELDS[kind]
    start = data.find(mark) + distance
    end = start + struct.calcsize(layout)
    if mark not in data or end > len(data):
        return data
    sizes = (_choose(_SIZES, generator) for _ in range(2))
    return data[:start] + struct.pack(layout, *sizes) + data[end:]


def _repair_checksums(data: bytes) -> bytes:
    """Make the checksums of a PNG valid again, so that its damage reaches the decoder."""
    repaired, place = bytearray(data), 8
    while (end := place + 8 + int.from_bytes(data[place : place + 4], "big")) + 4 <= len(data):
        repaired[end : end + 4] = struct.pack(">I", zlib.crc32(data[place + 4 : end]))
        place = end + 4
    return bytes(repaired)


def _choose(options: Sequence[Option], generator: np.random.Generator) -> Option:
    return options[int(generator.integers(len(options)))]
