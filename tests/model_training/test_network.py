"""The network architectures."""

from typing import get_args

import keras
import numpy as np
import pytest

from model_training.training.config import Architecture
from model_training.training.network import build_network

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("architecture", get_args(Architecture))
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_images_become_ten_float32_logits(architecture: Architecture, dtype: str) -> None:
    """Each network maps (n, 28, 28, 1) to (n, 10) in float32; half the width has under half the weights."""
    network = build_network(architecture, dtype=dtype)
    logits = network(np.zeros((3, 28, 28, 1), np.float32))
    assert logits.shape == (3, 10)
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    assert all(weight.dtype == "float32" for weight in network.weights)
    assert 2 * build_network(architecture, width=0.5).count_params() < network.count_params()
