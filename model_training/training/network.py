"""The network architectures.

Input is float32 (n, 28, 28, 1), 0 paper to 1 ink; output is a logit for each digit. The softmax is
part of the loss and of the reader, which calibrates it with a temperature.
"""

from collections.abc import Callable

import keras
from keras import layers

from model_training.training.config import Architecture

_CLASSIC_CHANNELS = (32, 64, 128)  # of two convolutions and a dense layer
_RESIDUAL_CHANNELS = (32, 128)  # at 14x14 and 7x7
_STEM_SIZE = 5  # pixels across the first convolution's window
_DROPOUT = 0.2


def build_network(architecture: Architecture, *, width: float = 1.0, dtype: str = "float32") -> keras.Model:
    """Build a network with new weights and `width` times the channels in each layer.

    `dtype` is a Keras dtype policy, such as `mixed_bfloat16`; logits are always float32.
    """
    image = keras.Input((28, 28, 1), name="image")
    features = ARCHITECTURES[architecture](image, width, dtype)
    logits = layers.Dense(10, dtype="float32", name="logits")(features)
    return keras.Model(image, logits, name=architecture)


def _classic(image: keras.KerasTensor, width: float, dtype: str) -> keras.KerasTensor:
    first, second, dense = (_scale(channels, width) for channels in _CLASSIC_CHANNELS)
    x = layers.Conv2D(first, 3, padding="same", activation="relu", dtype=dtype)(image)
    x = layers.MaxPooling2D(dtype=dtype)(x)
    x = layers.Conv2D(second, 3, padding="same", activation="relu", dtype=dtype)(x)
    x = layers.MaxPooling2D(dtype=dtype)(x)
    x = layers.Flatten(dtype=dtype)(x)
    return layers.Dense(dense, activation="relu", dtype=dtype)(x)


def _residual(image: keras.KerasTensor, width: float, dtype: str) -> keras.KerasTensor:
    outer, inner = (_scale(channels, width) for channels in _RESIDUAL_CHANNELS)
    # The first convolution halves the image: at full size it costs as much as four at half size, and was no
    # more accurate on validation digits or drawn cases.
    x = _convolution(image, outer, dtype=dtype, strides=2, size=_STEM_SIZE)
    x = _residual_block(x, outer, dtype=dtype)
    x = _convolution(x, inner, dtype=dtype, strides=2)
    x = _residual_block(x, inner, dtype=dtype)
    # Flattened, not averaged: the place of a stroke distinguishes a 6 from a 9.
    x = layers.Dropout(_DROPOUT, dtype=dtype)(x)
    return layers.Flatten(dtype=dtype)(x)


def _scale(channels: int, width: float) -> int:
    return max(round(channels * width), 1)


def _residual_block(x: keras.KerasTensor, channels: int, *, dtype: str) -> keras.KerasTensor:
    inner = _convolution(x, channels, dtype=dtype)
    inner = layers.Conv2D(channels, 3, padding="same", use_bias=False, dtype=dtype)(inner)
    inner = layers.BatchNormalization(dtype=dtype)(inner)
    return layers.ReLU(dtype=dtype)(layers.Add(dtype=dtype)([x, inner]))


def _convolution(
    x: keras.KerasTensor, channels: int, *, dtype: str, strides: int = 1, size: int = 3
) -> keras.KerasTensor:
    x = layers.Conv2D(channels, size, strides=strides, padding="same", use_bias=False, dtype=dtype)(x)
    x = layers.BatchNormalization(dtype=dtype)(x)
    return layers.ReLU(dtype=dtype)(x)


# To add an architecture, add its builder here and its name to `Architecture` in config.py.
ARCHITECTURES: dict[Architecture, Callable[[keras.KerasTensor, float, str], keras.KerasTensor]] = {
    "classic": _classic,  # as in textbooks
    "residual": _residual,  # as released
}
