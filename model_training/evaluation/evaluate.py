"""The scores of a network on digits whose labels are known."""

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.mnist import Digits
from model_training.evaluation.calibration import calibrated, expected_calibration_error

_BATCH_SIZE = 500


@dataclass(frozen=True)
class Evaluation:
    """What a network said of n digits.

    Attributes:
        probabilities: float64 (n, 10), calibrated.
        labels: uint8 (n,).
        confusion: int64 (10, 10): true digits down, answers across.
        accuracy: share of right answers, 0..1.
        interval: of 95 % around the accuracy (Wilson).
        calibration_error: mean gap between confidence and accuracy, 0..1.
    """

    probabilities: NDArray[np.float64]
    labels: NDArray[np.uint8]
    confusion: NDArray[np.int64]
    accuracy: float
    interval: tuple[float, float]
    calibration_error: float

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of each digit's pictures that are read as it, (10,)."""
        recall: NDArray[np.float64] = np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=1), 1)
        return recall

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of each answer's pictures that are it, (10,)."""
        precision: NDArray[np.float64] = np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=0), 1)
        return precision


def predict_logits(network: keras.Model, digits: Digits) -> NDArray[np.float32]:
    """The network's logits (n, 10)."""
    images = digits.images[..., None].astype(np.float32) / 255.0
    logits: NDArray[np.float32] = network.predict(images, batch_size=_BATCH_SIZE, verbose=0)
    return logits


def evaluate(logits: NDArray[np.float32], labels: NDArray[np.uint8], *, temperature: float) -> Evaluation:
    """Scores logits (n, 10) against labels (n,)."""
    probabilities = calibrated(logits, temperature)
    answers = probabilities.argmax(axis=1)
    confusion = np.zeros((10, 10), np.int64)
    np.add.at(confusion, (labels, answers), 1)
    accuracy = float((answers == labels).mean())
    return Evaluation(
        probabilities=probabilities,
        labels=labels,
        confusion=confusion,
        accuracy=accuracy,
        interval=wilson_interval(accuracy, len(labels)),
        calibration_error=expected_calibration_error(probabilities, labels),
    )


def wilson_interval(share: float, count: int, *, z: float = 1.96) -> tuple[float, float]:
    """The interval, of 95 % with z = 1.96, for a share measured on `count` cases (Wilson, 1927)."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return float(middle - half), float(min(middle + half, 1.0))
