"""The scores of a network or reader on digits whose labels are known."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.evaluation.calibration import Reliability, reliability

_BATCH_SIZE = 500


@dataclass(frozen=True)
class Evaluation:
    """What was said of n digits.

    Attributes:
        probabilities: floating (n, 10), calibrated.
        labels: uint8 (n,).
        confusion: int64 (10, 10): true digits down, answers across.
        accuracy: share of right answers, 0..1.
        interval: of 95 % around the accuracy (Wilson).
        reliability: what the confidence was worth.
    """

    probabilities: NDArray[np.floating]
    labels: NDArray[np.uint8]
    confusion: NDArray[np.int64]
    accuracy: float
    interval: tuple[float, float]
    reliability: Reliability

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

    def as_dict(self) -> dict[str, Any]:
        """The values for JSON."""
        return {
            "accuracy": self.accuracy,
            "accuracy_interval_95": self.interval,
            "calibration_error": self.reliability.error,
            "recall": [round(float(share), 4) for share in self.recall],
            "precision": [round(float(share), 4) for share in self.precision],
        }


def predict_logits(network: keras.Model, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The network's logits (n, 10) for pictures (n, 28, 28), 0 paper to 255 ink."""
    images = pictures[..., None].astype(np.float32) / 255.0
    logits: NDArray[np.float32] = network.predict(images, batch_size=_BATCH_SIZE, verbose=0)
    return logits


def evaluate(probabilities: NDArray[np.floating], labels: NDArray[np.uint8]) -> Evaluation:
    """Scores probabilities (n, 10) against labels (n,)."""
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
        reliability=reliability(probabilities.max(axis=1), answers == labels),
    )


def wilson_interval(share: float, count: int, *, z: float = 1.96) -> tuple[float, float]:
    """The interval, of 95 % with z = 1.96, for a share measured on `count` cases (Wilson, 1927)."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return float(middle - half), float(min(middle + half, 1.0))
