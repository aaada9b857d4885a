"""Runs the reader, the LiteRT network of a release, on one drawing."""

from dataclasses import dataclass
from threading import Lock

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray


class ReaderError(Exception):
    """The reader cannot be opened, or does not take and give what a release promises."""


@dataclass(frozen=True)
class Answer:
    """What the reader says of one drawing.

    Attributes:
        probabilities: float32 (10,), of the ten digits, summing to 1.
        digit_score: how digit-like the ink is, 0..1.
        seen: float32 (28, 28), 0 paper to 1 ink: what the network looked at.
    """

    probabilities: NDArray[np.float32]
    digit_score: float
    seen: NDArray[np.float32]


class Reader:
    """The reader of one release. Safe to share between threads: a lock guards the interpreter.

    One interpreter with a lock, not one a thread: it runs for half a millisecond, so waiting for it costs
    less than the memory and the warming up of the others.
    """

    def __init__(self, model: bytes, *, drawing_size: int) -> None:
        """Open a reader whose input is ink uint8 (1, drawing_size, drawing_size).

        Raises:
            ReaderError: the bytes are no LiteRT model, or one with other inputs and outputs.
        """
        self.drawing_size = drawing_size
        self._lock = Lock()
        try:
            interpreter = Interpreter(model_content=model, num_threads=1)
            self._run = interpreter.get_signature_runner()
            self.read(np.zeros((drawing_size, drawing_size), np.uint8))
        except (ValueError, RuntimeError, KeyError) as error:
            raise ReaderError(f"the reader does not run: {error}") from error

    def read(self, drawing: NDArray[np.uint8]) -> Answer:
        """Read one drawing: ink uint8 (drawing_size, drawing_size), 0 paper to 255 ink."""
        with self._lock:
            outputs = self._run(ink=drawing[np.newaxis])
        return Answer(
            probabilities=outputs["probabilities"][0],
            digit_score=float(outputs["digit_score"][0]),
            seen=outputs["seen"][0],
        )
