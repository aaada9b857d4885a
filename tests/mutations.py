"""Damage pictures in ways that can break decoders, for the tests and for the fuzzing in benchmarks/.

The result depends on the random generator only, so a seed gives the same files again.
"""

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from PIL import Image

from tests.pictures import Pixels, encode, enlarge

FORMATS = ("PNG", "JPEG", "WEBP")
_SIDE = 64  # pixels of a picture: small, so that damage hits headers often
_PNG_SIGNATURE = 8  # bytes
_RIFF_HEADER = 12  # bytes before the first chunk of a WebP
_SIZES = (0, 1, 0x7F, 0xFF, 0x1000, 0x3FFF, 0x7FFF, 0xFFFF)  # widths and heights in a damaged header
_FILE_SIZES = (0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)  # lengths of a damaged chunk

Option = TypeVar("Option")
Damage = Callable[[np.random.Generator, list[bytes]], list[bytes]]


@dataclass(frozen=True)
class Mutated:
    """A damaged picture.

    Attributes:
        kind: its original format.
        damage: the kinds of damage, joined by " + ".
        data: the file.
    """

    kind: str
    damage: str
    data: bytes


def encode_variants(digit: Pixels) -> dict[str, list[bytes]]:
    """Encode a digit, uint8 (28, 28), in variants of each format that use different parts of a decoder."""
    grey = Image.fromarray(enlarge(digit, side=_SIDE))
    colour = grey.convert("RGB")
    clear = Image.merge("RGBA", [*colour.split(), grey])
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotated by 90 degrees
    modes = [grey, colour, clear, *(grey.convert(mode) for mode in ("P", "1", "I;16"))]
    return {
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
    }


def mutate(pictures: dict[str, list[bytes]], kind: str, generator: np.random.Generator) -> Mutated:
    """Damage a random picture of a format, one to three times."""
    data = _choose(pictures[kind], generator)
    names = []
    for _ in range(int(generator.integers(1, 4))):
        name = _choose(tuple(_DAMAGES), generator)
        if name == "splice":
            data = _splice(data, _choose(pictures[_choose(FORMATS, generator)], generator), generator)
        else:
            data = b"".join(_DAMAGES[name](generator, _split(data, kind)))
        names.append(name)
    if kind == "PNG" and generator.random() < 0.7:  # else the checksum refuses most of them
        data = _repair_checksums(data)
    return Mutated(kind, " + ".join(names), data)


def _flip(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    data = bytearray(b"".join(parts))
    for place in generator.integers(0, max(1, len(data)), int(generator.integers(1, 9))):
        if place < len(data):
            data[place] ^= int(generator.integers(1, 256))
    return [bytes(data)]


def _truncate(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    data = b"".join(parts)
    return [data[: int(generator.integers(0, len(data) + 1))]]


def _insert(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    data = b"".join(parts)
    place = int(generator.integers(0, len(data) + 1))
    return [data[:place], generator.bytes(int(generator.integers(1, 65))), data[place:]]


def _delete(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    data = b"".join(parts)
    place = int(generator.integers(0, len(data) + 1))
    return [data[:place], data[place + int(generator.integers(1, 65)) :]]


def _drop_chunk(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    dropped = int(generator.integers(0, len(parts)))
    return [part for place, part in enumerate(parts) if place != dropped]


def _repeat_chunk(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    place = int(generator.integers(0, len(parts)))
    return [*parts[:place], *[parts[place]] * int(generator.integers(2, 50)), *parts[place + 1 :]]


def _shuffle_chunks(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    first, *others = parts
    return [first, *(others[place] for place in generator.permutation(len(others)))]


def _change_length(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    """Change the length in the header of a chunk."""
    place = int(generator.integers(0, len(parts)))
    length = _choose(_FILE_SIZES, generator)
    part = parts[place]
    if part[:1] == b"\xff":
        changed = part[:2] + struct.pack(">H", length & 0xFFFF) + part[4:]
    elif part[:4].isalnum():
        changed = part[:4] + struct.pack("<I", length) + part[8:]
    else:
        changed = struct.pack(">I", length) + part[4:]
    return [*parts[:place], changed, *parts[place + 1 :]]


def _change_size(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    """Change width and height in the header."""
    width, height = (_choose(_SIZES, generator) for _ in range(2))
    return [_set_size(part, width, height) for part in parts]


def _set_size(part: bytes, width: int, height: int) -> bytes:
    if part[4:8] == b"IHDR":
        return part[:8] + struct.pack(">II", width, height) + part[16:]
    if part[:1] == b"\xff" and part[1:2] in (b"\xc0", b"\xc1", b"\xc2"):
        return part[:5] + struct.pack(">HH", height, width) + part[9:]
    if part[:4] == b"VP8X":
        return part[:12] + struct.pack("<I", width)[:3] + struct.pack("<I", height)[:3] + part[18:]
    if part[:4] == b"VP8 ":
        return part[:14] + struct.pack("<HH", width & 0x3FFF, height & 0x3FFF) + part[18:]
    if part[:4] == b"VP8L":
        return part[:9] + struct.pack("<I", (width & 0x3FFF) | (height & 0x3FFF) << 14) + part[13:]
    return part


_DAMAGES: dict[str, Damage] = {
    "flip": _flip,
    "truncate": _truncate,
    "insert": _insert,
    "delete": _delete,
    "drop chunk": _drop_chunk,
    "repeat chunk": _repeat_chunk,
    "shuffle chunks": _shuffle_chunks,
    "change a length": _change_length,
    "change the size": _change_size,
    "splice": lambda _, parts: parts,  # mutate() splices, since it needs a second picture
}


def _splice(first: bytes, second: bytes, generator: np.random.Generator) -> bytes:
    """Return the beginning of one file and the end of another."""
    return (
        first[: int(generator.integers(0, len(first) + 1))]
        + second[int(generator.integers(0, len(second) + 1)) :]
    )


def _split(data: bytes, kind: str) -> list[bytes]:
    """Split a file into the chunks that can still be found; at least one."""
    starts = {"PNG": _png_chunks, "JPEG": _jpeg_segments, "WEBP": _webp_chunks}[kind](data)
    cuts = [0, *(start for start in starts if start < len(data)), len(data)]
    return [data[start:end] for start, end in pairwise(cuts)]


def _png_chunks(data: bytes) -> list[int]:
    starts, place = [], _PNG_SIGNATURE
    while place + 12 <= len(data):
        starts.append(place)
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    return starts


def _webp_chunks(data: bytes) -> list[int]:
    starts, place = [], _RIFF_HEADER
    while place + 8 <= len(data):
        starts.append(place)
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
    return starts


def _jpeg_segments(data: bytes) -> list[int]:
    starts, place = [], 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        starts.append(place)
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return starts


def _repair_checksums(data: bytes) -> bytes:
    parts = _split(data, "PNG")
    return b"".join([parts[0], *map(_repair, parts[1:])])


def _repair(chunk: bytes) -> bytes:
    return chunk[:-4] + struct.pack(">I", zlib.crc32(chunk[4:-4])) if len(chunk) >= 12 else chunk


def _choose(options: Sequence[Option], generator: np.random.Generator) -> Option:
    return options[int(generator.integers(len(options)))]
