"""Export of the reader, one LiteRT file with network, normalisation and calibration; check of its output."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_training.errors import ReaderDisagreesError
from model_training.normalisation import IMAGE_SIZE, INK_SIZE, Normalisation
from model_training.release.litert_export import Weights, export_function, open_reader

# Accepted difference of probabilities: the mean over the drawings of the largest of ten.
MEAN_DIFFERENCE = 1e-3
_OUTPUTS = ("probabilities", "digit_score", "seen", "embedding")
_SELF_TEST_TOLERANCE = 0.01  # of probabilities and digit score: processors round differently


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
    network: keras.Model,
    path: Path,
    *,
    temperature: float,
    refuses: bool = False,
    weights: Weights = "float32",
) -> None:
    """Write a reader with the given network.

    Args:
        network: float32 (n, 28, 28, 1) to logits (n, 10).
        path: of the file to write.
        temperature: divisor of the logits, for calibrated probabilities.
        refuses: whether the network has learnt non-digits, against a logit of zero; if not, the digit score
            is the largest probability.
        weights: those of `export_function`.
    """
    normalise = Normalisation()

    last = network.layers[-1]
    with_embedding = keras.Model(network.inputs, {"logits": last.output, "embedding": last.input})

    def read(ink: tf.Tensor) -> dict[str, tf.Tensor]:
        seen = tf.ensure_shape(normalise(tf.cast(ink, tf.float32) / 255.0), (1, IMAGE_SIZE, IMAGE_SIZE))
        outputs = with_embedding(seen[..., None], training=False)
        logits = outputs["logits"]
        probabilities = tf.nn.softmax(logits / temperature)
        if refuses:
            score = tf.sigmoid(tf.reduce_logsumexp(logits, axis=1))
        else:
            score = tf.reduce_max(probabilities, axis=1)
        return {
            "probabilities": probabilities,
            "digit_score": score,
            "seen": seen,
            "embedding": outputs["embedding"],
        }

    export_function(read, path, network=network, ink_shape=(1, INK_SIZE, INK_SIZE), weights=weights)


def ink_of(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return MNIST images (n, 28, 28) as ink (n, N, N), with each pixel enlarged to a square."""
    enlargement = INK_SIZE // IMAGE_SIZE
    return np.kron(images, np.ones((1, enlargement, enlargement), np.uint8))


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


def describe_outputs(reader: Path) -> dict[str, list[int]]:
    """Return the shape of each output of a reader, for release.json."""
    details = open_reader(reader).get_output_details()
    return {name: details[name]["shape"].tolist() for name in _OUTPUTS}


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
