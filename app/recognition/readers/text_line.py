"""Reads one line of ink: scales it for the line reader, if need be in a band of its own, and places signs."""

from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.constants import LINE_READER
from app.recognition.image.ink import Ink
from app.recognition.readers.decoding import Sign
from app.recognition.readers.digit_reader import resize
from app.recognition.readers.line_reader import LINE_HEIGHT, LineReader, count_tiles, widest_line
from app.recognition.reading import Box

DRAWN = LINE_READER["drawn"]  # of 255; fainter ink does not count for the size of a line or digit
_MARGIN = int(LINE_READER["margin"])  # pixels of paper around the line in the line reader's input
_SMALL = LINE_READER["small_digit"]  # pixels of the input; lower digits are read again in a band of their own
_BAND_MARGIN = LINE_READER["band_margin"]  # of the band's height, above and below the digits
_UNEVEN = LINE_READER["uneven"]  # heights of a digit; one farther above or below the others is cut
_GAP = LINE_READER["gap"]  # heights of the line; gaps are no wider in the line reader's input
_MAX_SLOPE = LINE_READER["max_slope"]  # of a line of digits


@dataclass(frozen=True)
class PlacedSign:
    """A sign, and its box in the line's ink."""

    sign: Sign
    box: Box


@dataclass(frozen=True)
class _Band:
    """A part of a line's ink, scaled for the reader.

    Attributes:
        ink: uint8 (LINE_HEIGHT, width).
        scale: its pixels per pixel of the line.
        columns: the columns of the line that are in it.
        tops: first row of the line in it, for every column of the line.
    """

    ink: Ink
    scale: float
    columns: NDArray[np.int64]
    tops: NDArray[np.int64]

    def place(self, sign: Sign) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of a sign in the line."""
        left, top, right, bottom = ((float(side) - _MARGIN) / self.scale for side in sign.box)
        middle = min(max(round((left + right) / 2), 0), len(self.columns) - 1)
        column = int(self.columns[middle])
        moved, first = column - middle, float(self.tops[column])
        return moved + left, first + top, moved + right, first + bottom


def read_text_line(ink: Ink, reader: LineReader, *, most_tiles: int) -> tuple[list[PlacedSign], int]:
    """Read a line of ink, uint8 (height, width).

    Returns:
        The signs from left to right, and the number of tiles that were read. Of a line of more than
        `most_tiles` only the beginning is read.
    """
    band = _scale(ink, np.zeros(ink.shape[1], np.int64), height=ink.shape[0], most_tiles=most_tiles)
    if band is None:
        return [], 0
    signs, tiles = reader.find_signs(band.ink), count_tiles(band.ink.shape[1])
    heights = [float(sign.box[3] - sign.box[1]) for sign in signs if sign.is_digit]
    if heights and median(heights) < _SMALL and tiles < most_tiles:
        tops, height = _find_band([band.place(sign) for sign in signs if sign.is_digit], width=ink.shape[1])
        narrower = _scale(ink, tops, height=height, most_tiles=most_tiles - tiles)
        if narrower is not None:
            band, signs = narrower, reader.find_signs(narrower.ink)
            tiles += count_tiles(band.ink.shape[1])
    return [PlacedSign(sign, _round(band.place(sign), within=ink)) for sign in signs], tiles


def _find_band(
    boxes: list[tuple[float, float, float, float]], *, width: int
) -> tuple[NDArray[np.int64], int]:
    """Return the band of the digits: its first row at each of the line's columns, and its height."""
    left, top, right, bottom = np.array(boxes).T
    across, down = (left + right) / 2, (top + bottom) / 2
    offsets = across - across.mean()
    spread = float(offsets @ offsets)
    slope = float(np.clip(offsets @ down / spread, -_MAX_SLOPE, _MAX_SLOPE)) if spread else 0.0
    middles = slope * offsets
    tops, bottoms, high = top - middles, bottom - middles, float(np.median(bottom - top))
    first = max(float(tops.min()), float(np.median(tops)) - _UNEVEN * high)
    last = min(float(bottoms.max()), float(np.median(bottoms)) + _UNEVEN * high)
    margin = _BAND_MARGIN * (last - first)
    rows = first - margin + slope * (np.arange(width) - across.mean())
    return np.rint(rows).astype(np.int64), max(1, round(last - first + 2 * margin))


def _scale(ink: Ink, tops: NDArray[np.int64], *, height: int, most_tiles: int) -> _Band | None:
    """Scale the part of a line that begins at `tops` and is `height` high; None if nothing is drawn there."""
    if tops.any() or height != len(ink):
        rows = tops[np.newaxis] + np.arange(height)[:, np.newaxis]
        inside = (rows >= 0) & (rows < len(ink))
        ink = np.where(inside, np.take_along_axis(ink, rows.clip(0, len(ink) - 1), axis=0), np.uint8(0))
    x, y, width, height = cv2.boundingRect((ink >= DRAWN).view(np.uint8))
    if not width:
        return None
    inner = LINE_HEIGHT - 2 * _MARGIN
    scale = inner / height
    ink = ink[y : y + height, x : x + width]
    columns = _shorten_gaps(np.asarray((ink >= DRAWN).any(axis=0)), most=round(_GAP * height))
    columns = columns[: max(1, int((widest_line(most_tiles) - 2 * _MARGIN) / scale))]
    size = (max(1, round(scale * len(columns))), inner)
    scaled = resize(np.take(ink, columns, axis=1), size)
    line = np.zeros((LINE_HEIGHT, size[0] + 2 * _MARGIN), np.uint8)
    line[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = scaled
    return _Band(line, scale, x + columns, tops + y)


def _shorten_gaps(drawn: NDArray[np.bool_], *, most: int) -> NDArray[np.int64]:
    """Return the indices of columns, of which the first is drawn, without those beyond `most` of each gap.

    The line reader learnt no points far from all digits, and takes them for dirt.
    """
    columns = np.arange(len(drawn))
    last = np.maximum.accumulate(np.where(drawn, columns, 0))
    return np.flatnonzero(columns - last <= most)


def _round(box: tuple[float, float, float, float], *, within: Ink) -> Box:
    """Return a box in whole pixels inside the line, at least one wide and high."""
    height, width = within.shape
    left, right = (min(max(round(side), 0), width) for side in (box[0], box[2]))
    top, bottom = (min(max(round(side), 0), height) for side in (box[1], box[3]))
    x, y = min(left, width - 1), min(top, height - 1)
    return Box(x, y, max(1, right - x), max(1, bottom - y))
