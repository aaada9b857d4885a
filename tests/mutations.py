"""Damages pictures in the ways that break decoders: for the tests, and for the fuzzing in benchmarks/.

What it makes depends on the generator alone, so that a seed gives the same files again.
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
_SIDE = 64  # pixels of a picture before it is damaged: small, so that most damage hits what matters
_PNG_HEAD = 8  # bytes of the signature
_RIFF_HEAD = 12  # bytes before the first chunk of a WebP
_SIZES = (0, 1, 0x7F, 0xFF, 0x1000, 0x3FFF, 0x7FFF, 0xFFFF)  # that headers may claim
_FILE_SIZES = (0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)  # that chunks may claim

Option = TypeVar("Option")
Damage = Callable[[np.random.Generator, list[bytes]], list[bytes]]


@dataclass(frozen=True)
class Mutated:
    """A damaged picture.

    Attributes:
        kind: format that it had.
        damage: what was done to it.
        data: the file.
    """

    kind: str
    damage: str
    data: bytes


def encode_everyhow(digit: Pixels) -> dict[str, list[bytes]]:
    """Encode a digit, uint8 (28, 28), in the variants of each format that decoders treat differently."""
    grey = Image.fromarray(enlarge(digit, side=_SIDE))
    colour = grey.convert("RGB")
    clear = Image.merge("RGBA", [*colour.split(), grey])
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    modes: list[Image.Image] = [
        grey,
        colour,
        clear,
        grey.convert("P"),
        grey.convert("1"),
        grey.convert("I;16"),
    ]
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
    """Damage one of the pictures of a format, once or a few times."""
    data = _choose(pictures[kind], generator)
    names = []
    for _ in range(int(generator.integers(1, 4))):
        name = _choose(tuple(_DAMAGES), generator)
        if name == "splice":
            data = _splice(data, _choose(pictures[_choose(FORMATS, generator)], generator), generator)
        else:
            data = b"".join(_DAMAGES[name](generator, _split(data, kind)))
        names.append(name)
    if kind == "PNG" and generator.random() < 0.7:  # else most would be refused for their checksums alone
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


def _lie_about_chunk(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    """Let a chunk claim another length, wherever the format has it."""
    place = int(generator.integers(0, len(parts)))
    claimed = _choose(_FILE_SIZES, generator)
    part = parts[place]
    if part[:1] == b"\xff":
        lying = part[:2] + struct.pack(">H", claimed & 0xFFFF) + part[4:]
    elif part[:4].isalnum():
        lying = part[:4] + struct.pack("<I", claimed) + part[8:]
    else:
        lying = struct.pack(">I", claimed) + part[4:]
    return [*parts[:place], lying, *parts[place + 1 :]]


def _lie_about_size(generator: np.random.Generator, parts: list[bytes]) -> list[bytes]:
    """Let the header claim another width and height."""
    width, height = (_choose(_SIZES, generator) for _ in range(2))
    return [_claim(part, width, height) for part in parts]


def _claim(part: bytes, width: int, height: int) -> bytes:
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
    "lie about a chunk": _lie_about_chunk,
    "lie about the size": _lie_about_size,
    "splice": lambda _, parts: parts,  # it takes a second picture
}


def _splice(first: bytes, second: bytes, generator: np.random.Generator) -> bytes:
    """The beginning of one file and the end of another."""
    return (
        first[: int(generator.integers(0, len(first) + 1))]
        + second[int(generator.integers(0, len(second) + 1)) :]
    )


def _split(data: bytes, kind: str) -> list[bytes]:
    """Cut a file into its chunks as far as it still has them; never empty."""
    starts = {"PNG": _png_chunks, "JPEG": _jpeg_segments, "WEBP": _webp_chunks}[kind](data)
    cuts = [0, *(start for start in starts if start < len(data)), len(data)]
    return [data[start:end] for start, end in pairwise(cuts)]


def _png_chunks(data: bytes) -> list[int]:
    starts, place = [], _PNG_HEAD
    while place + 12 <= len(data):
        starts.append(place)
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    return starts


def _webp_chunks(data: bytes) -> list[int]:
    starts, place = [], _RIFF_HEAD
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
