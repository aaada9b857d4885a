"""Runs the digit reader, the LiteRT network of a release, on the ink of one digit."""

from dataclasses import dataclass
from threading import Lock

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from app.recognition.image.ink import Ink

_TINY_PIXELS = 20  # on the longer side: smaller ink would show as squares in the normalised image
_TINY_FILL = 0.9  # share of the drawing's side that tiny ink is enlarged to


class ReaderError(Exception):
    """The reader can't be opened, or its inputs and outputs are not those of the release format."""


@dataclass(frozen=True)
class DigitPrediction:
    """The outputs of the reader for one drawing."""

    probabilities: NDArray[np.float32]  # (10,), of the digits, summing to 1, calibrated
    digit_score: float  # the probability that the ink is a digit at all, 0..1, calibrated
    normalised: NDArray[np.float32]  # (28, 28), 0 paper to 1 ink: the network's input, in the release `seen`
    embedding: NDArray[np.float32]  # (E,): the input of the network's last layer


class DigitReader:
    """The digit reader of one release. Safe to share between threads.

    A lock guards the one interpreter: a run takes half a millisecond, so waiting costs less than the memory
    and the start of one interpreter per thread.
    """

    def __init__(self, model: bytes, *, drawing_size: int) -> None:
        """Open a LiteRT model whose input is ink uint8 (1, drawing_size, drawing_size).

        Raises:
            ReaderError: the bytes are no LiteRT model, or one with other inputs and outputs.
        """
        self.drawing_size = drawing_size
        self._lock = Lock()
        try:
            interpreter = Interpreter(model_content=model, num_threads=1)
            self._run = interpreter.get_signature_runner()
            blank = self.read(np.zeros((drawing_size, drawing_size), np.uint8))
            self.embedding_size = blank.embedding.size
        except (ValueError, RuntimeError, KeyError) as error:
            raise ReaderError(f"the reader does not run: {error}") from error

    def read(self, drawing: Ink) -> DigitPrediction:
        """Read one drawing: ink uint8 (drawing_size, drawing_size), 0 paper to 255 ink."""
        with self._lock:
            outputs = self._run(ink=drawing[np.newaxis])
        return DigitPrediction(
            probabilities=outputs["probabilities"][0],
            digit_score=float(outputs["digit_score"][0]),
            normalised=outputs["seen"][0],
            embedding=outputs["embedding"][0],
        )

    def read_ink(self, ink: Ink) -> DigitPrediction:
        """Read ink of any size, uint8 (height, width)."""
        return self.read(fit_drawing(ink, size=self.drawing_size))


def fit_drawing(ink: Ink, *, size: int) -> Ink:
    """Scale ink, uint8 (height, width), and centre it in a drawing, uint8 (size, size).

    Each pixel becomes a square of pixels, or each square a pixel, since the reader has a box filter of its
    own. Only tiny ink, which would show as squares in the normalised image, is enlarged smoothly.
    """
    longer = max(ink.shape)
    if longer < _TINY_PIXELS:
        by = round(_TINY_FILL * size) / longer
        height, width = (max(1, round(side * by)) for side in ink.shape)
        ink = resize(ink, (width, height))
    elif longer <= size:
        times = size // longer
        ink = ink.repeat(times, axis=0).repeat(times, axis=1)
    else:
        times = -(-longer // size)
        # A side shorter than a square is not padded: all of its squares would have the same share of paper.
        down, across = (-side % times if side > times else 0 for side in ink.shape)
        ink = np.asarray(cv2.copyMakeBorder(ink, 0, down, 0, across, cv2.BORDER_CONSTANT), np.uint8)
        height, width = (max(1, side // times) for side in ink.shape)
        ink = resize(ink, (width, height))
    height, width = ink.shape
    top, left = (size - height) // 2, (size - width) // 2
    drawing = np.zeros((size, size), np.uint8)
    drawing[top : top + height, left : left + width] = ink
    return drawing


def resize(ink: Ink, size: tuple[int, int]) -> Ink:
    """Resize ink to (width, height), with its strongest pixel as strong as before: thin lines do not fade.

    Pixels are averaged by area, or interpolated linearly when the ink is enlarged.
    """
    interpolation = cv2.INTER_LINEAR if size[1] > len(ink) else cv2.INTER_AREA
    # In floating point: a 1-pixel line of a 4000-pixel picture averages to few of 255 levels.
    scaled = np.asarray(cv2.resize(ink.astype(np.float32), size, interpolation=interpolation))
    return (scaled * (float(ink.max()) / max(float(scaled.max()), 1e-6))).round().astype(np.uint8)
