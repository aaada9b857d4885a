"""Notices a page that was photographed sideways or upside down: its digits are clearer after a turn."""

import math
from collections.abc import Iterable

import cv2
import numpy as np

from app.recognition.image.ink import Ink
from app.recognition.layout.lines import find_lines
from app.recognition.readers.line_reader import LineReader
from app.recognition.readers.text_line import PlacedSign, read_text_line

_PIXELS = 1_000_000  # of the ink that is turned; larger ink is shrunk
_LINES = 12  # that are read in each direction
_TILES = 4  # of each line
_CLEAR = 0.9  # probability of a clear digit
_MANY = 8  # signs; fewer say nothing
# Shares of clear digits among all signs. Pages of digits had 0.87 or more, and 0.15 to 0.48 after a turn.
_UNREADABLE = 0.6
_READABLE = 0.75


def is_turned(ink: Ink, signs: Iterable[PlacedSign], reader: LineReader) -> bool:
    """Return whether ink, uint8 (height, width), whose `signs` are not clear, is clear after a turn."""
    if not _are_between(signs, 0, _UNREADABLE):
        return False
    shrink = max(1.0, math.sqrt(ink.size / _PIXELS))
    size = [max(1, round(side / shrink)) for side in reversed(ink.shape)]
    small = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
    turns = (np.ascontiguousarray(np.rot90(small, turns)) for turns in (1, 2, 3))
    return any(_are_between(_read(turned, reader), _READABLE, 1) for turned in turns)


def _read(ink: Ink, reader: LineReader) -> list[PlacedSign]:
    """Return the signs of the first lines."""
    lines = find_lines(ink)[:_LINES]
    return [sign for line in lines for sign in read_text_line(line.ink, reader, most_tiles=_TILES)[0]]


def _are_between(placed: Iterable[PlacedSign], least: float, most: float) -> bool:
    """Return whether signs are many, and a share between `least` and `most` are clear digits."""
    signs = [each.sign for each in placed]
    clear = sum(sign.is_digit and sign.probabilities[sign.kind] >= _CLEAR for sign in signs)
    return len(signs) >= _MANY and least <= clear / len(signs) <= most
