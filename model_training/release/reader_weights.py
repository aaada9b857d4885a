"""The weights in an exported reader, for a Keras network again: what a reader knows can be taught on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from ai_edge_litert.tools.flatbuffer_utils import opcode_to_name, read_model
from ai_edge_quantizer.utils.tfl_flatbuffer_utils import get_tensor_data
from numpy.typing import NDArray

_Floats = NDArray[np.float32]


def take_weights(network: keras.Model, reader: Path) -> None:
    """Gives `network` the weights of the one that `reader` was exported from, rounded as they are there.

    Export has multiplied each batch normalisation into the convolution before it; here they only add. Of a
    network that does not refuse it has divided the logits by the temperature.

    Raises:
        ValueError: the reader holds another network.
    """
    found = _weights(reader)
    bias = none = np.zeros(0, np.float32)  # fits no layer
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            weights, bias = next(found, (none, none))
            kernel = np.moveaxis(weights, 0, -1)
            layer.set_weights([kernel, bias] if layer.use_bias else [kernel])
        elif isinstance(layer, keras.layers.BatchNormalization):
            one, zero = np.ones_like(bias), np.zeros_like(bias)
            layer.set_weights([one, bias, zero, one - layer.epsilon])


def _weights(reader: Path) -> Iterator[tuple[_Floats, _Floats]]:
    """Of each convolution and dense layer, as they compute: (out, ..., in), and what is added, (out,)."""
    model = read_model(str(reader))
    (graph,) = model.subgraphs
    halved: dict[int, int] = {}  # in earlier releases: the floats that halved weights are turned into
    for operator in graph.operators:
        name = opcode_to_name(model, operator.opcodeIndex)
        if name == "DEQUANTIZE":
            halved[operator.outputs[0]] = operator.inputs[0]
        elif name in ("CONV_2D", "FULLY_CONNECTED"):
            _, index, bias = operator.inputs
            weights = _floats(graph.tensors[halved.get(index, index)], model.buffers)
            nothing = np.zeros(len(weights), np.float32)  # for what adds nothing, and so was left out
            yield weights, nothing if bias < 0 else _floats(graph.tensors[bias], model.buffers)


def _floats(tensor: Any, buffers: list[Any]) -> _Floats:
    values: _Floats = get_tensor_data(tensor, buffers).astype(np.float32)
    scaling = tensor.quantization
    if scaling is None or scaling.scale is None:
        return values
    along_channels = np.ones(values.ndim, int)
    along_channels[scaling.quantizedDimension] = -1
    return values * np.asarray(scaling.scale, np.float32).reshape(along_channels)
