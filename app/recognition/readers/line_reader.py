"""Runs the line reader, the LiteRT network of a release, on a line of ink, tile by tile."""

from dataclasses import dataclass
from threading import Lock

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from app.recognition.constants import LINE_READER
from app.recognition.image.ink import Ink
from app.recognition.readers.decoding import Sign, find_signs
from app.recognition.readers.digit_reader import ReaderError

LINE_HEIGHT = int(LINE_READER["height"])  # pixels
TILE_WIDTH = int(LINE_READER["tile_width"])  # pixels, of the reader's input
_STRIDE = int(LINE_READER["stride"])  # pixels from tile to tile
_COLUMN_WIDTH = 2  # pixels
# A column in two tiles is taken from the one in which it lies farther from the edge.
_EDGE = (TILE_WIDTH - _STRIDE) // _COLUMN_WIDTH // 2


@dataclass(frozen=True)
class LinePrediction:
    """The outputs of the reader for one line, a column for every two pixels.

    Attributes:
        probabilities: float32 (columns, classes), calibrated.
        boxes: float32 (columns, 4): left, top, right and bottom, in pixels of the line.
    """

    probabilities: NDArray[np.float32]
    boxes: NDArray[np.float32]


class LineReader:
    """The line reader of one release. Safe to share between threads: a lock guards the one interpreter.

    Attributes:
        classes: names of the classes: ten digits, marks, `other` ink and `blank`.
    """

    def __init__(self, model: bytes, *, classes: tuple[str, ...]) -> None:
        """Open a LiteRT model whose input is ink uint8 (1, LINE_HEIGHT, TILE_WIDTH).

        Raises:
            ReaderError: the bytes are no LiteRT model, or one with other inputs and outputs.
        """
        self.classes = classes
        self._lock = Lock()
        try:
            self._run = Interpreter(model_content=model, num_threads=1).get_signature_runner()
            columns, count = self.read(np.zeros((LINE_HEIGHT, TILE_WIDTH), np.uint8)).probabilities.shape
        except (ValueError, RuntimeError, KeyError) as error:
            raise ReaderError(f"the line reader does not run: {error}") from error
        if (columns, count) != (TILE_WIDTH // _COLUMN_WIDTH, len(classes)):
            raise ReaderError(f"the line reader has {columns} columns of {count} classes")

    def read(self, line: Ink) -> LinePrediction:
        """Read a line of any width: ink uint8 (LINE_HEIGHT, width), 0 paper to 255 ink."""
        tiles = count_tiles(line.shape[1])
        padded = np.zeros((LINE_HEIGHT, widest_line(tiles)), np.uint8)
        padded[:, : line.shape[1]] = line
        probabilities, boxes = [], []
        for tile in range(tiles):
            left = tile * _STRIDE
            with self._lock:
                outputs = self._run(ink=padded[np.newaxis, :, left : left + TILE_WIDTH])
            own = slice(_EDGE if tile else 0, None if tile == tiles - 1 else -_EDGE)
            probabilities.append(outputs["probabilities"][0, own])
            boxes.append(outputs["boxes"][0, own] + np.array([left, 0, left, 0], np.float32))
        return LinePrediction(np.concatenate(probabilities), np.concatenate(boxes))

    def find_signs(self, line: Ink) -> list[Sign]:
        """Read a line as `read` does, and return its signs from left to right."""
        prediction = self.read(line)
        return find_signs(prediction.probabilities, prediction.boxes, classes=self.classes)


def count_tiles(width: int) -> int:
    """Return the number of tiles that a line of `width` pixels is read in."""
    return 1 + max(0, -(-(width - TILE_WIDTH) // _STRIDE))


def widest_line(tiles: int) -> int:
    """Return the width in pixels of the widest line that is read in `tiles` tiles."""
    return TILE_WIDTH + _STRIDE * (tiles - 1)
