"""The two networks as configured."""

import keras
import numpy as np
import pytest

from model_training.training.config import QUICK, Architecture, TrainingConfig, configure
from model_training.training.network import build_network


@pytest.mark.parametrize("architecture", ["classic", "residual"])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_pictures_become_ten_float32_logits(architecture: Architecture, dtype: str) -> None:
    """Each network takes (n, 28, 28, 1) and gives (n, 10) in float32, whatever it computes in."""
    network = build_network(architecture, dtype=dtype)
    logits = network(np.zeros((3, 28, 28, 1), np.float32))
    assert logits.shape == (3, 10)
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    assert all(weight.dtype == "float32" for weight in network.weights)


def test_classic_is_the_textbook_network() -> None:
    """Convolution, max-pooling, flatten, dense."""
    kinds = [type(layer).__name__ for layer in build_network("classic").layers]
    assert kinds == [
        "InputLayer", "Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense",
    ]  # fmt: skip


def test_the_command_line_overrides_only_what_is_given() -> None:
    """What is None keeps the recipe's value, of the full recipe and of the quick one."""
    assert configure(epochs=None, seed=None) == TrainingConfig()
    assert configure(epochs=3, seed=7) == TrainingConfig(epochs=3, seed=7)
    assert configure(quick=True, architecture=None) == QUICK
