"""Notices a page that was photographed sideways or upside down: it reads better after a turn."""

import numpy as np

from app.recognition.image.ink import Ink
from app.recognition.layout.lines import find_lines
from app.recognition.readers.line_reader import LineReader
from app.recognition.readers.text_line import read_text_line

_LINES = 12  # that are read in each direction
_TILES = 4  # of each line
_CLEAR = 0.9  # probability of a digit that is read clearly
_MANY = 8  # clear digits; fewer say nothing
_BETTER = 2  # times as many clear digits are read after a turn


def is_turned(ink: Ink, reader: LineReader) -> bool:
    """Return whether ink, uint8 (height, width), reads much better after one to three quarter turns."""
    least = max(_MANY, _BETTER * _count_clear(ink, reader))
    turned = (np.ascontiguousarray(np.rot90(ink, turns)) for turns in (1, 2, 3))
    return any(_count_clear(each, reader) >= least for each in turned)


def _count_clear(ink: Ink, reader: LineReader) -> int:
    """Return how many digits of the first lines are read clearly."""
    clear = 0
    for line in find_lines(ink)[:_LINES]:
        placed, _ = read_text_line(line.ink, reader, most_tiles=_TILES)
        signs = (each.sign for each in placed)
        clear += sum(sign.is_digit and sign.probabilities[sign.kind] >= _CLEAR for sign in signs)
    return clear
