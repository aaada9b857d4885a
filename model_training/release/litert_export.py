"""Export of a function around a network as one LiteRT file, and opening of such files."""

import logging
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Literal

import keras
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, SignatureRunner
from ai_edge_quantizer.qtyping import (
    ComputePrecision,
    OpQuantizationConfig,
    QuantGranularity,
    TensorDataType,
    TensorQuantizationConfig,
    TFLOperationName,
)
from ai_edge_quantizer.quantizer import Quantizer

from model_training.errors import ReaderDisagreesError, ReleaseError

Weights = Literal["int8", "float16", "float32"]
_SIGNATURE = "serving_default"
_QUANTISED = (TFLOperationName.CONV_2D, TFLOperationName.FULLY_CONNECTED)
_log = logging.getLogger(__name__)


def export_function(
    read: Callable[[tf.Tensor], dict[str, tf.Tensor]],
    path: Path,
    *,
    network: keras.Model,
    ink_shape: tuple[int, ...],
    weights: Weights = "float32",
) -> None:
    """Write a LiteRT file whose signature runs `read` on `ink`, uint8 of `ink_shape`.

    Args:
        read: returns the named outputs; everything it computes is part of the file.
        path: of the file to write.
        network: the network that `read` calls.
        ink_shape: static, with a batch size of 1: LiteRT.js rejects a dynamic batch axis, and a larger batch
            is no faster.
        weights: of convolutions and dense layers. `int8` computes in int8 as well: a quarter of the size, and
            nearly three times as fast. Everything else stays the same bit for bit.
    """
    with tempfile.TemporaryDirectory() as folder:
        # ExportArchive tracks the weights. A file converted from the bare function, or from a tf.Module that
        # holds the network, lacks them and gives NaN.
        archive = keras.export.ExportArchive()
        archive.track(network)
        archive.add_endpoint(
            _SIGNATURE, read, input_signature=[tf.TensorSpec(ink_shape, tf.uint8, name="ink")]
        )
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[_SIGNATURE])
        exported = converter.convert()
    path.write_bytes(exported if weights == "float32" else _compress(exported, weights))


def export_smallest(export: Callable[[Weights], None], check: Callable[[], float]) -> float:
    """Export with the smallest weights whose outputs agree with the network, and return their difference.

    Args:
        export: writes the file.
        check: returns the largest difference between file and network.

    Raises:
        ReaderDisagreesError: float32 weights disagree too.
    """
    smaller: tuple[Weights, ...] = ("int8", "float16")
    for weights in smaller:
        export(weights)
        try:
            return check()
        except ReaderDisagreesError as error:
            _log.warning("%s weights are not used: %s", weights, error)
    export("float32")
    return check()


def open_reader(reader: Path) -> SignatureRunner:
    """Open an exported reader on one thread; call it with ink=uint8 (1, ...) for a dict of outputs.

    Raises:
        ReleaseError: the file is missing or is no reader.
    """
    try:
        return Interpreter(str(reader), num_threads=1).get_signature_runner(_SIGNATURE)
    except ValueError as error:
        raise ReleaseError(f"{reader} can't be opened: {error}") from error


def _compress(exported: bytes, weights: Weights) -> bytes:
    quantizer = Quantizer(exported)
    for operation in _QUANTISED:
        if weights == "int8":
            # TensorFlow Lite before 2.15 uses one scale for a whole dense layer, and silently.
            dense = operation is TFLOperationName.FULLY_CONNECTED
            granularity = QuantGranularity.TENSORWISE if dense else QuantGranularity.CHANNELWISE
            quantizer.add_dynamic_config(".*", operation, num_bits=8, granularity=granularity)
        else:
            quantizer.update_quantization_recipe(
                ".*",
                operation,
                OpQuantizationConfig(
                    weight_tensor_config=TensorQuantizationConfig(num_bits=16, dtype=TensorDataType.FLOAT),
                    compute_precision=ComputePrecision.FLOAT,
                    explicit_dequantize=True,
                ),
                "float_casting",
            )
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # it prints sizes, times and progress
        return bytes(quantizer.quantize().quantized_model)
