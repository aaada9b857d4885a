"""Export of the reader, one LiteRT file with network, normalisation and calibration; check of its output."""

import tempfile
from base64 import b64encode
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, SignatureRunner
from ai_edge_quantizer.qtyping import TFLOperationName
from ai_edge_quantizer.quantizer import Quantizer
from numpy.typing import NDArray

from model_training.errors import ReaderDisagreesError, ReleaseError
from model_training.normalisation import IMAGE_SIZE, INK_SIZE, Normalisation

# Accepted difference of probabilities: the mean over the drawings of the largest of ten.
MEAN_DIFFERENCE = 1e-3
_SELF_TEST_TOLERANCE = 0.01  # of probabilities and digit score: processors round differently
_SIGNATURE = "serving_default"


@dataclass(frozen=True)
class ReaderOutput:
    """A reader's output for n drawings.

    Attributes:
        probabilities: float32 (n, 10).
        digit_score: float32 (n,), 0..1.
        normalised: float32 (n, 28, 28), 0 paper to 1 ink; `seen` in the release.
    """

    probabilities: NDArray[np.float32]
    digit_score: NDArray[np.float32]
    normalised: NDArray[np.float32]


def export_reader(
    network: keras.Model, path: Path, *, temperature: float, refuses: bool = False, quantised: bool = False
) -> None:
    """Write a reader with the given network.

    Args:
        network: float32 (n, 28, 28, 1) to logits (n, 10).
        path: of the file to write.
        temperature: divisor of the logits, for calibrated probabilities.
        refuses: whether the network has learnt non-digits, against a logit of zero; if not, the digit score
            is the largest probability.
        quantised: compute in int8: a quarter of the size, and nearly three times as fast.
    """
    normalise = Normalisation()

    def read(ink: tf.Tensor) -> dict[str, tf.Tensor]:
        seen = tf.ensure_shape(normalise(tf.cast(ink, tf.float32) / 255.0), (1, IMAGE_SIZE, IMAGE_SIZE))
        logits = network(seen[..., None], training=False)
        probabilities = tf.nn.softmax(logits / temperature)
        if refuses:
            score = tf.sigmoid(tf.reduce_logsumexp(logits, axis=1))
        else:
            score = tf.reduce_max(probabilities, axis=1)
        return {"probabilities": probabilities, "digit_score": score, "seen": seen}

    # Batch size 1: LiteRT.js rejects a dynamic batch axis, and a larger batch is no faster.
    ink = tf.TensorSpec((1, INK_SIZE, INK_SIZE), tf.uint8, name="ink")
    with tempfile.TemporaryDirectory() as folder:
        # ExportArchive tracks the weights. A file converted from the bare function, or from a tf.Module that
        # holds the network, lacks them and gives NaN.
        archive = keras.export.ExportArchive()
        archive.track(network)
        archive.add_endpoint(_SIGNATURE, read, input_signature=[ink])
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[_SIGNATURE])
        reader = converter.convert()
    path.write_bytes(_quantise(reader) if quantised else reader)


def _quantise(reader: bytes) -> bytes:
    """Quantise convolutions and dense layers to int8; the normalised image stays the same bit for bit."""
    quantizer = Quantizer(reader)
    for operation in (TFLOperationName.CONV_2D, TFLOperationName.FULLY_CONNECTED):
        quantizer.add_dynamic_config(".*", operation, num_bits=8)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # it prints sizes, times and progress
        return bytes(quantizer.quantize().quantized_model)


def ink_of(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return MNIST images (n, 28, 28) as ink (n, N, N), with each pixel enlarged to a square."""
    enlargement = INK_SIZE // IMAGE_SIZE
    return np.kron(images, np.ones((1, enlargement, enlargement), np.uint8))


def open_reader(reader: Path) -> SignatureRunner:
    """Open an exported reader on one thread; call it with ink=uint8 (1, N, N) for a dict of outputs.

    Raises:
        ReleaseError: the file is missing or is no reader.
    """
    try:
        return Interpreter(str(reader), num_threads=1).get_signature_runner(_SIGNATURE)
    except ValueError as error:
        raise ReleaseError(f"{reader} can't be opened: {error}") from error


def read_ink(reader: Path, ink: NDArray[np.uint8]) -> ReaderOutput:
    """Return the output of an exported reader for drawings (n, N, N)."""
    run = open_reader(reader)
    outputs = [run(ink=drawing[None]) for drawing in ink]
    names = ("probabilities", "digit_score", "seen")
    return ReaderOutput(*(np.concatenate([output[name] for output in outputs]) for name in names))


def check_agreement(
    reader: Path, network: keras.Model, *, ink: NDArray[np.uint8], temperature: float
) -> float:
    """Return the largest difference between the probabilities of reader and network for drawings (n, N, N).

    Raises:
        ReaderDisagreesError: the mean difference is above MEAN_DIFFERENCE.
    """
    normalised = Normalisation()(ink.astype(np.float32) / 255.0)
    expected = tf.nn.softmax(network(normalised[..., None], training=False) / temperature).numpy()
    differences = np.abs(read_ink(reader, ink).probabilities - expected).max(axis=1)
    mean = float(differences.mean())
    if not mean <= MEAN_DIFFERENCE:  # also true for NaN
        raise ReaderDisagreesError(
            f"the reader's probabilities differ from the network's by {mean:.2g} on average, "
            f"more than {MEAN_DIFFERENCE:g}"
        )
    return float(differences.max())


def make_self_test(reader: Path, images: NDArray[np.uint8]) -> dict[str, Any]:
    """Return the self-test of release.json, for images uint8 (n, 28, 28), 0 paper to 255 ink.

    A program checks the reader on its own machine with it: `cases` hold a `picture`, 784 bytes row by row in
    base64, to be enlarged as by `ink_of`, and the expected `probabilities` and `digit_score`.
    """
    output = read_ink(reader, ink_of(images))
    cases = zip(images, output.probabilities, output.digit_score, strict=True)
    return {
        "tolerance": _SELF_TEST_TOLERANCE,
        "cases": [
            {
                "picture": b64encode(image.tobytes()).decode("ascii"),
                "probabilities": [round(float(probability), 6) for probability in probabilities],
                "digit_score": round(float(score), 6),
            }
            for image, probabilities, score in cases
        ],
    }
