"""Export of the line reader, one LiteRT file with network and calibration; check of its output.

Lines are ink uint8 (n, 32, 256), 0 paper to 255 ink, as the network's input.
"""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_training.errors import ReaderDisagreesError
from model_training.line_format import BLANK, LINE_CLASSES, LINE_HEIGHT, LINE_WIDTH
from model_training.release.litert_export import Weights, export_function, open_reader

# Accepted difference of probabilities: the mean over the columns of the largest of all classes.
MEAN_DIFFERENCE = 2e-3
_SELF_TEST_TOLERANCE = 0.02  # of probabilities: processors round differently
_SELF_TEST_COLUMNS = 8  # of each line, those that are least probably blank


def export_line_reader(
    network: keras.Model,
    path: Path,
    *,
    box_pixels: Callable[[tf.Tensor], tf.Tensor],
    temperature: float,
    weights: Weights = "float32",
) -> None:
    """Write a line reader with the given network.

    Args:
        network: float32 (n, 32, 256, 1) to `logits` (n, columns, classes) and `boxes` (n, columns, 4).
        path: of the file to write.
        box_pixels: turns `boxes` into left, top, right and bottom in pixels of the input.
        temperature: divisor of the logits, for calibrated probabilities.
        weights: those of `export_function`.
    """

    def read(ink: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs = network(tf.cast(ink, tf.float32)[..., None] / 255.0, training=False)
        return {
            "probabilities": tf.nn.softmax(outputs["logits"] / temperature),
            "boxes": box_pixels(outputs["boxes"]),
        }

    export_function(read, path, network=network, ink_shape=(1, LINE_HEIGHT, LINE_WIDTH), weights=weights)


def read_lines(reader: Path, lines: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Return the `probabilities` (n, columns, classes) and `boxes` (n, columns, 4) of an exported reader."""
    run = open_reader(reader)
    outputs = [run(ink=line[None]) for line in lines]
    return {name: np.concatenate([output[name] for output in outputs]) for name in outputs[0]}


def check_line_agreement(
    reader: Path, network: keras.Model, *, lines: NDArray[np.uint8], temperature: float
) -> float:
    """Return the largest difference between the probabilities of reader and network for some lines.

    Raises:
        ReaderDisagreesError: the mean difference is above MEAN_DIFFERENCE.
    """
    logits = network.predict(lines[..., None] / np.float32(255), verbose=0)["logits"]
    expected = tf.nn.softmax(logits / temperature).numpy()
    differences = np.abs(read_lines(reader, lines)["probabilities"] - expected).max(axis=-1)
    mean = float(differences.mean())
    if not mean <= MEAN_DIFFERENCE:  # also true for NaN
        raise ReaderDisagreesError(
            f"the line reader's probabilities differ from the network's by {mean:.2g} on average, "
            f"more than {MEAN_DIFFERENCE:g}"
        )
    return float(differences.max())


def describe_line_reader(
    reader: Path, *, calibration: dict[str, Any], self_test_lines: NDArray[np.uint8]
) -> dict[str, Any]:
    """Return the object `line_reader` of release.json.

    A digit of a line is read again by the digit reader. Its log-probabilities are those of the line reader
    and of the digit reader times `weights["line"]` and `weights["digit"]`, normalised. Its digit score is
    the sigmoid of score[0] + score[1] x the log-odds that its sign is a digit + score[2] x the log-odds of
    the digit reader's digit score; it is accepted from `acceptance_threshold` on.

    Args:
        reader: an exported line reader.
        calibration: its `temperature`, `weights`, `score` and `acceptance_threshold`.
        self_test_lines: with which a program checks the reader on its own machine.
    """
    outputs = read_lines(reader, self_test_lines)
    return {
        "classes": list(LINE_CLASSES),
        "input": {"name": "ink", "shape": [1, LINE_HEIGHT, LINE_WIDTH], "dtype": "uint8"},
        "outputs": {name: [1, *values.shape[1:]] for name, values in outputs.items()},
        **calibration,
        "self_test": {
            "tolerance": _SELF_TEST_TOLERANCE,
            "cases": [
                _make_case(line, probabilities)
                for line, probabilities in zip(self_test_lines, outputs["probabilities"], strict=True)
            ],
        },
    }


def _make_case(line: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> dict[str, Any]:
    """Return a line, row by row in base64, and the expected `probabilities` of some `columns`."""
    columns = np.sort(np.argsort(probabilities[:, BLANK], kind="stable")[:_SELF_TEST_COLUMNS])
    return {
        "picture": b64encode(line.tobytes()).decode("ascii"),
        "columns": columns.tolist(),
        "probabilities": probabilities[columns].astype(float).round(6).tolist(),
    }
