"""Import of an exported reader's weights into a Keras network, to fine-tune it or use it as a teacher."""

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
    """Set the weights of `network` to those of `reader`, as rounded by its quantisation.

    Export has folded each batch normalisation into the convolution before it, so those of `network` only add
    the bias. If the network does not refuse, export has also divided the logits by the temperature.

    Raises:
        ValueError: the reader holds another network.
    """
    exported = _weights(reader)
    bias = none = np.zeros(0, np.float32)  # fits no layer
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            weights, bias = next(exported, (none, none))
            kernel = np.moveaxis(weights, 0, -1)
            layer.set_weights([kernel, bias] if layer.use_bias else [kernel])
        elif isinstance(layer, keras.layers.BatchNormalization):
            one, zero = np.ones_like(bias), np.zeros_like(bias)
            layer.set_weights([one, bias, zero, one - layer.epsilon])


def _weights(reader: Path) -> Iterator[tuple[_Floats, _Floats]]:
    """Yield the weights (out, ..., in) and bias (out,) of each convolution and dense layer, in order."""
    model = read_model(str(reader))
    (graph,) = model.subgraphs
    sources: dict[int, int] = {}  # float32 tensor to float16 weights, in earlier releases
    for operator in graph.operators:
        name = opcode_to_name(model, operator.opcodeIndex)
        if name == "DEQUANTIZE":
            sources[operator.outputs[0]] = operator.inputs[0]
        elif name in ("CONV_2D", "FULLY_CONNECTED"):
            _, index, bias = operator.inputs
            weights = _floats(graph.tensors[sources.get(index, index)], model.buffers)
            no_bias = np.zeros(len(weights), np.float32)
            yield weights, no_bias if bias < 0 else _floats(graph.tensors[bias], model.buffers)


def _floats(tensor: Any, buffers: list[Any]) -> _Floats:
    values: _Floats = get_tensor_data(tensor, buffers).astype(np.float32)
    scaling = tensor.quantization
    if scaling is None or scaling.scale is None:
        return values
    along_channels = np.ones(values.ndim, int)
    along_channels[scaling.quantizedDimension] = -1
    return values * np.asarray(scaling.scale, np.float32).reshape(along_channels)
