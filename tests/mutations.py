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
_SIZES = (0, 1, 0x7F, 0xFF, 0x1000, 0x3FFF, 0x7FFF, 0xFFFF)  # widths and heights in a damaged header
_FILE_SIZES = (0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)  # lengths of a damaged chunk

Option = TypeVar("Option")


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
        name = _choose((*_BYTE_DAMAGES, *_CHUNK_DAMAGES, _SPLICE), generator)
        if name in _BYTE_DAMAGES:
            data = _BYTE_DAMAGES[name](generator, data)
        elif name in _CHUNK_DAMAGES:
            data = b"".join(_CHUNK_DAMAGES[name](generator, _split(data, kind)))
        else:
            other = _choose(pictures[_choose(FORMATS, generator)], generator)
            data = data[: _choose_place(generator, data)] + other[_choose_place(generator, other) :]
        names.append(name)
    if kind == "PNG" and generator.random() < 0.7:  # else the checksum refuses most of them
        data = _repair_checksums(data)
    return Mutated(kind, " + ".join(names), data)


def _flip(generator: np.random.Generator, data: bytes) -> bytes:
    changed = bytearray(data)
    for place in generator.integers(0, max(1, len(data)), int(generator.integers(1, 9))):
        if place < len(data):
            changed[place] ^= int(generator.integers(1, 256))
    return bytes(changed)


def _truncate(generator: np.random.Generator, data: bytes) -> bytes:
    return data[: _choose_place(generator, data)]


def _insert(generator: np.random.Generator, data: bytes) -> bytes:
    place = _choose_place(generator, data)
    return data[:place] + generator.bytes(int(generator.integers(1, 65))) + data[place:]


def _delete(generator: np.random.Generator, data: bytes) -> bytes:
    place = _choose_place(generator, data)
    return data[:place] + data[place + int(generator.integers(1, 65)) :]


def _choose_place(generator: np.random.Generator, data: bytes) -> int:
    return int(generator.integers(0, len(data) + 1))


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


_BYTE_DAMAGES: dict[str, Callable[[np.random.Generator, bytes], bytes]] = {
    "flip": _flip,
    "truncate": _truncate,
    "insert": _insert,
    "delete": _delete,
}
_CHUNK_DAMAGES: dict[str, Callable[[np.random.Generator, list[bytes]], list[bytes]]] = {
    "drop chunk": _drop_chunk,
    "repeat chunk": _repeat_chunk,
    "shuffle chunks": _shuffle_chunks,
    "change a length": _change_length,
    "change the size": _change_size,
}
_SPLICE = "splice"  # the beginning of one file and the end of another


def _split(data: bytes, kind: str) -> list[bytes]:
    """Split a file into the chunks that can still be found; at least one."""
    # Bytes before the first chunk, and the least bytes of a chunk.
    place, header = {"PNG": (8, 12), "JPEG": (2, 4), "WEBP": (12, 8)}[kind]
    starts = []
    while place + header <= len(data) and (kind != "JPEG" or data[place] == 0xFF):
        starts.append(place)
        place += _measure_chunk(data[place : place + header], kind)
    cuts = [0, *starts, len(data)]
    return [data[start:end] for start, end in pairwise(cuts)]


def _measure_chunk(header: bytes, kind: str) -> int:
    """Return the length of a chunk in bytes, with its header and checksum."""
    if kind == "PNG":
        return 12 + int.from_bytes(header[:4], "big")
    if kind == "JPEG":
        return 2 + int.from_bytes(header[2:4], "big")
    size = int.from_bytes(header[4:8], "little")
    return 8 + size + size % 2


def _repair_checksums(data: bytes) -> bytes:
    parts = _split(data, "PNG")
    return b"".join([parts[0], *map(_repair, parts[1:])])


def _repair(chunk: bytes) -> bytes:
    return chunk[:-4] + struct.pack(">I", zlib.crc32(chunk[4:-4])) if len(chunk) >= 12 else chunk


def _choose(options: Sequence[Option], generator: np.random.Generator) -> Option:
    return options[int(generator.integers(len(options)))]
