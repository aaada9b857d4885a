"""Scores of predictions: accuracy, calibration, and the digit score that accepts or refuses a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logsumexp, softmax
from scipy.stats import binomtest, mannwhitneyu

if TYPE_CHECKING:  # TensorFlow takes seconds to import, and only the type is needed
    import keras

_BATCH_SIZE = 500
_BINS = 15  # of confidence


@dataclass(frozen=True)
class Reliability:
    """Confidence and accuracy in bins of equal width.

    Attributes:
        counts: predictions in each bin, (bins,).
        confidence: their mean confidence, 0..1; NaN in an empty bin.
        accuracy: the share of them that is correct; NaN in an empty bin.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Expected calibration error, 0..1: the mean gap of the bins, weighted by their counts."""
        gaps = np.abs(self.confidence - self.accuracy)
        return float(np.nansum(gaps * self.counts) / max(self.counts.sum(), 1))


@dataclass(frozen=True)
class Evaluation:
    """Scores of predictions for n digits.

    Attributes:
        probabilities: floating (n, labels), calibrated.
        labels: uint8 (n,).
    """

    probabilities: NDArray[np.floating]
    labels: NDArray[np.uint8]

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each prediction is correct, (n,)."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.labels)

    @property
    def accuracy(self) -> float:
        """Share of correct predictions, 0..1."""
        return float(self.correct.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the accuracy (Wilson, 1927)."""
        low, high = binomtest(int(self.correct.sum()), len(self.labels)).proportion_ci(method="wilson")
        return float(low), float(high)

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts, int64 (labels, labels), a row per label and a column per prediction."""
        confusion = np.zeros((self.probabilities.shape[1],) * 2, np.int64)
        np.add.at(confusion, (self.labels, self.probabilities.argmax(axis=1)), 1)
        return confusion

    @property
    def recall(self) -> NDArray[np.float64]:
        """Recall of each digit, (labels,)."""
        return np.asarray(np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=1), 1))

    @property
    def precision(self) -> NDArray[np.float64]:
        """Precision of each digit, (labels,)."""
        return np.asarray(np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=0), 1))

    @property
    def reliability(self) -> Reliability:
        """Confidence and accuracy by bins."""
        return reliability(self.probabilities.max(axis=1), self.correct)

    def as_dict(self) -> dict[str, Any]:
        """Return the scores for JSON."""
        return {
            "accuracy": self.accuracy,
            "accuracy_interval_95": self.interval,
            "calibration_error": self.reliability.error,
            "recall": [round(float(share), 4) for share in self.recall],
            "precision": [round(float(share), 4) for share in self.precision],
        }


def predict_logits(network: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the network's logits (n, labels) for images (n, 28, 28), 0 paper to 255 ink."""
    inputs = images[..., None].astype(np.float32) / 255.0
    logits: NDArray[np.float32] = network.predict(inputs, batch_size=_BATCH_SIZE, verbose=0)
    return logits


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.integer]) -> float:
    """Return the divisor of logits (n, 10) that minimises the log loss on `labels` (n,).

    Temperature scaling: Guo et al., On Calibration of Modern Neural Networks, 2017.
    """

    def log_loss(log_temperature: float) -> float:
        log_probabilities = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(log_probabilities[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-2.0, 2.0), method="bounded").x))


def calibrate(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Return the calibrated probabilities (n, 10) of logits (n, 10)."""
    return np.asarray(softmax(logits.astype(np.float64) / temperature, axis=1))


def reliability(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> Reliability:
    """Bin predictions by their confidence (n,) in 0..1; `correct` is (n,)."""
    bin_of = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(bin_of, minlength=_BINS)
    divisor = np.where(counts > 0, counts, np.nan)
    return Reliability(
        counts=counts,
        confidence=np.bincount(bin_of, confidence, _BINS) / divisor,
        accuracy=np.bincount(bin_of, correct, _BINS) / divisor,
    )


def digit_scores(logits: NDArray[np.float32], temperature: float, *, refuses: bool) -> NDArray[np.float64]:
    """Return the digit scores (n,) in 0..1 of logits (n, 10), computed as in the exported reader.

    A network that `refuses` has learnt non-digits against a logit of zero.
    """
    if refuses:
        return np.asarray(expit(logsumexp(logits.astype(np.float64), axis=1)))
    return np.asarray(calibrate(logits, temperature).max(axis=1))


def acceptance_threshold(scores: NDArray[np.floating], *, accepted: float = 0.99) -> float:
    """Return the digit score that the share `accepted` of real digits reaches; `scores` is (n,)."""
    return float(np.quantile(scores, 1.0 - accepted))


def area_under_curve(digits: NDArray[np.floating], others: NDArray[np.floating]) -> float:
    """Return the area under the ROC curve, from the digit scores of digits (n,) and of non-digits (m,)."""
    return float(mannwhitneyu(digits, others).statistic / (len(digits) * len(others)))
