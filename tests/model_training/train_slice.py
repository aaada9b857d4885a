"""Training on the sample of MNIST in tests/data, in a process that can be killed: train_slice.py OUTPUT.

The samples are the first 1,000 test digits of MNIST, so the accuracies are no scores.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from model_training.data.mnist import Digits, Mnist
from model_training.training import measure
from model_training.training.config import Augmentation, LineConfig, TrainingConfig
from model_training.training.train import train

measure._DRAWINGS, measure._CALIBRATION_DRAWINGS = 400, 100  # drawn in half a second, not in six
PROJECT = Path(__file__).parents[2]
SAMPLE = PROJECT / "tests" / "data" / "mnist_sample.npz"
SLICE_CONFIG = TrainingConfig(
    architecture="residual",
    width=0.5,
    epochs=5,
    batch_size=16,
    ema_momentum=0.9,
    precision="float32",  # emulated bfloat16 takes ten times as long
    validation_size=100,
    augmentation=Augmentation(rotation=10.0, shear=0.15, scale=0.1, shift=2.0, elastic=0.0),
    drawn_share=0.0,
    non_digit_share=0.0,
    redrawn_share=0.0,
    pen_share=0.0,
    cluttered_share=0.0,
    teachers=0,
    line=LineConfig(
        width=0.25, epochs=1, lines_per_epoch=64, batch_size=16, precision="float32", validation_lines=32
    ),
)


def sample_mnist() -> Mnist:
    """Return 800 training digits (100 of them for validation) and 200 test digits."""
    with np.load(SAMPLE) as file:
        digits = Digits(file["images"], file["labels"])
    return Mnist(train=digits.rows(np.arange(800)), test=digits.rows(np.arange(800, 1000)))


def train_slice(output: Path) -> dict[str, Any]:
    """Train a small release in a few seconds."""
    return train(SLICE_CONFIG, sample_mnist(), output=output)


def kill_after_two_epochs(output: Path) -> None:
    """Start the same training in another process, and kill it when it has written its second epoch."""
    checkpoint = output.with_name(output.name + ".run") / "checkpoints" / "epoch-0002"
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    with subprocess.Popen([sys.executable, __file__, str(output)], env=environment) as process:
        deadline = time.monotonic() + 120
        while not checkpoint.exists():
            assert process.poll() is None, "the training ended early"
            assert time.monotonic() < deadline, f"{checkpoint} did not appear"
            time.sleep(0.01)
        process.kill()
    assert not output.exists()


if __name__ == "__main__":
    train_slice(Path(sys.argv[1]))
