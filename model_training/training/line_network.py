"""The network that reads a line of ink: convolutions only, a prediction every two pixels of the line's width.

Input is float32 (n, 32, 256, 1), 0 paper to 1 ink. Outputs are `logits`, float32 (n, 128, classes), and
`boxes`, float32 (n, 128, 4): left, top, right and bottom of the sign at that column, as pixels of the input.
"""

import keras
from keras import layers, ops

from model_training.line_format import COLUMN_WIDTH, COLUMNS, LINE_CLASSES, LINE_HEIGHT, LINE_WIDTH

_CHANNELS = (32, 64, 128, 128)  # at heights of 16, 8, 4 and 1
_REACH = 5  # columns that a convolution along the line sees


def build_line_network(*, width: float = 1.0, dtype: str = "float32") -> keras.Model:
    """Build a line network with new weights and `width` times the channels in each layer.

    `dtype` is a Keras dtype policy, such as `mixed_bfloat16`; outputs are always float32.
    """
    first, second, third, last = (max(round(channels * width), 1) for channels in _CHANNELS)
    line = keras.Input((LINE_HEIGHT, LINE_WIDTH, 1), name="line")
    x = _convolution(line, first, 5, dtype=dtype, strides=(2, COLUMN_WIDTH))
    x = _convolution(x, second, 3, dtype=dtype, strides=(2, 1))
    x = _residual_block(x, 3, dtype=dtype)
    x = _convolution(x, third, 3, dtype=dtype, strides=(2, 2))
    x = _residual_block(x, 3, dtype=dtype)
    x = _convolution(x, last, (x.shape[1], 1), dtype=dtype, padding="valid")  # columns
    for _ in range(2):
        x = _residual_block(x, (1, _REACH), dtype=dtype)
    logits = layers.Conv2D(2 * len(LINE_CLASSES), 1, dtype="float32")(x)  # of two columns each
    boxes = layers.Conv2D(2 * 4, 1, dtype="float32")(x)
    outputs = {
        "logits": layers.Reshape((COLUMNS, len(LINE_CLASSES)), name="logits")(logits),
        "boxes": layers.Reshape((COLUMNS, 4), name="boxes")(boxes),
    }
    return keras.Model(line, outputs, name="line")


def box_pixels(boxes: keras.KerasTensor) -> keras.KerasTensor:
    """Return the network's `boxes` (n, 128, 4) in pixels of the input: left, top, right, bottom.

    The network gives left and right relative to the column, in heights of the line, and top and bottom
    relative to the line's middle.
    """
    centres = COLUMN_WIDTH * (ops.arange(COLUMNS, dtype="float32")[None, :, None] + 0.5)
    middle = ops.full_like(centres, LINE_HEIGHT / 2)
    return LINE_HEIGHT * boxes + ops.concatenate([centres, middle, centres, middle], axis=-1)


def _residual_block(x: keras.KerasTensor, size: int | tuple[int, int], *, dtype: str) -> keras.KerasTensor:
    channels = x.shape[-1]
    inner = _convolution(x, channels, size, dtype=dtype)
    inner = layers.Conv2D(channels, size, padding="same", use_bias=False, dtype=dtype)(inner)
    inner = layers.BatchNormalization(dtype=dtype)(inner)
    return layers.ReLU(dtype=dtype)(layers.Add(dtype=dtype)([x, inner]))


def _convolution(
    x: keras.KerasTensor,
    channels: int,
    size: int | tuple[int, int],
    *,
    dtype: str,
    strides: int | tuple[int, int] = 1,
    padding: str = "same",
) -> keras.KerasTensor:
    x = layers.Conv2D(channels, size, strides=strides, padding=padding, use_bias=False, dtype=dtype)(x)
    x = layers.BatchNormalization(dtype=dtype)(x)
    return layers.ReLU(dtype=dtype)(x)
