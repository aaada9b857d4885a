"""Fixtures for the training: a small release, trained once."""

from pathlib import Path

import pytest

from model_training.data.mnist import Mnist
from tests.model_training.train_slice import sample_mnist, train_slice


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    return sample_mnist()


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder that the real training wrote from the sample of MNIST."""
    output = tmp_path_factory.mktemp("releases") / "small"
    train_slice(output)
    return output
