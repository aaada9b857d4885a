"""The reader: network, normalisation and calibrated answers in one LiteRT file, checked to agree."""

import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, SignatureRunner
from ai_edge_quantizer.qtyping import (
    ComputePrecision,
    OpQuantizationConfig,
    QuantGranularity,
    TensorQuantizationConfig,
    TFLOperationName,
)
from ai_edge_quantizer.quantizer import Quantizer
from numpy.typing import NDArray

from model_training.normalisation import INK_SIZE, SEEN_SIZE, Normalisation

# Between the probabilities of reader and network: the mean, over digits, of the largest of ten.
MEAN_DIFFERENCE = 1e-3
_SIGNATURE = "serving_default"
_INT8 = OpQuantizationConfig(
    weight_tensor_config=TensorQuantizationConfig(
        num_bits=8, symmetric=True, granularity=QuantGranularity.CHANNELWISE
    ),
    compute_precision=ComputePrecision.INTEGER,
)


class ReaderDisagreesError(RuntimeError):
    """The exported reader does not answer as the network does; it must not be released."""


@dataclass(frozen=True)
class ReaderAnswers:
    """What a reader said of n drawings.

    Attributes:
        probabilities: float32 (n, 10).
        digit_score: float32 (n,), 0..1.
        seen: float32 (n, 28, 28), 0 paper to 1 ink.
    """

    probabilities: NDArray[np.float32]
    digit_score: NDArray[np.float32]
    seen: NDArray[np.float32]


def export_reader(
    network: keras.Model, path: Path, *, temperature: float, refuses: bool = False, quantised: bool = False
) -> None:
    """Writes the reader around a network.

    Args:
        network: float32 (n, 28, 28, 1) to logits (n, 10).
        path: of the file to write.
        temperature: what the logits are divided by to calibrate the probabilities.
        refuses: whether the network has learnt non-digits, against a logit of zero; otherwise the digit score
            is no more than the largest probability.
        quantised: compute in 8-bit whole numbers: a quarter of the size, and nearly three times as fast.
    """
    normalise = Normalisation()

    def read(ink: tf.Tensor) -> dict[str, tf.Tensor]:
        seen = tf.ensure_shape(normalise(tf.cast(ink, tf.float32) / 255.0), (1, SEEN_SIZE, SEEN_SIZE))
        logits = network(seen[..., None], training=False)
        probabilities = tf.nn.softmax(logits / temperature)
        if refuses:
            score = tf.sigmoid(tf.reduce_logsumexp(logits, axis=1))
        else:
            score = tf.reduce_max(probabilities, axis=1)
        return {"probabilities": probabilities, "digit_score": score, "seen": seen}

    # One drawing at a time: LiteRT.js refuses a dynamic batch axis, and here a batch saves nothing.
    ink = tf.TensorSpec((1, INK_SIZE, INK_SIZE), tf.uint8, name="ink")
    with tempfile.TemporaryDirectory() as folder:
        # By way of Keras's archive, which tracks the weights: converted from the bare function, or from a
        # tf.Module that holds the network, the file comes out without them and answers NaN.
        archive = keras.export.ExportArchive()
        archive.track(network)
        archive.add_endpoint(_SIGNATURE, read, input_signature=[ink])
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[_SIGNATURE])
        reader = converter.convert()
    path.write_bytes(_quantise(reader) if quantised else reader)


def _quantise(reader: bytes) -> bytes:
    """The reader with its convolutions and dense layers in int8.

    What surrounds the network is left alone, so what is seen stays bit for bit.
    """
    quantizer = Quantizer(reader)
    for operation in (TFLOperationName.CONV_2D, TFLOperationName.FULLY_CONNECTED):
        quantizer.update_quantization_recipe(
            regex=".*", operation_name=operation, op_config=_INT8, algorithm_key="min_max_uniform_quantize"
        )
    # It tells of sizes, times and progress.
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return bytes(quantizer.quantize().quantized_model)


def ink_of(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """MNIST pictures (n, 28, 28) as ink (n, N, N): each pixel becomes a square."""
    enlargement = INK_SIZE // SEEN_SIZE
    return np.kron(images, np.ones((1, enlargement, enlargement), np.uint8))


def open_reader(reader: Path) -> SignatureRunner:
    """The exported `reader` on one thread: called with ink=uint8 (1, N, N), it gives a dict of outputs."""
    return Interpreter(str(reader), num_threads=1).get_signature_runner(_SIGNATURE)


def read_ink(reader: Path, ink: NDArray[np.uint8]) -> ReaderAnswers:
    """What the exported `reader` says of drawings (n, N, N)."""
    run = open_reader(reader)
    answers = [run(ink=drawing[None]) for drawing in ink]
    return ReaderAnswers(
        probabilities=np.concatenate([answer["probabilities"] for answer in answers]),
        digit_score=np.concatenate([answer["digit_score"] for answer in answers]),
        seen=np.concatenate([answer["seen"] for answer in answers]),
    )


def check_agreement(
    reader: Path, network: keras.Model, *, ink: NDArray[np.uint8], temperature: float
) -> float:
    """The largest difference between the probabilities of reader and Keras for drawings `ink` (n, N, N).

    Raises:
        ReaderDisagreesError: the mean over the drawings is above MEAN_DIFFERENCE.
    """
    seen = Normalisation()(ink.astype(np.float32) / 255.0)
    expected = tf.nn.softmax(network(seen[..., None], training=False) / temperature).numpy()
    differences = np.abs(read_ink(reader, ink).probabilities - expected).max(axis=1)
    mean = float(differences.mean())
    if not mean <= MEAN_DIFFERENCE:  # so that NaN fails too
        raise ReaderDisagreesError(
            f"the reader's probabilities differ from the network's by {mean:.2g} on average, "
            f"more than {MEAN_DIFFERENCE:g}"
        )
    return float(differences.max())
