"""How far the network's probabilities can be believed, and the temperature that mends them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """The number that logits (n, 10) are divided by so that their log loss on `labels` (n,) is least.

    Temperature scaling: Guo et al., On Calibration of Modern Neural Networks, 2017.
    """

    def log_loss(log_temperature: float) -> float:
        log_probabilities = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(log_probabilities[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-2.0, 2.0), method="bounded").x))


def calibrated(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Probabilities (n, 10) of logits (n, 10)."""
    probabilities: NDArray[np.float64] = softmax(logits.astype(np.float64) / temperature, axis=1)
    return probabilities


@dataclass(frozen=True)
class Reliability:
    """What confidence was worth, in equally wide bins of it.

    Attributes:
        counts: answers in each bin, (bins,).
        confidence: their mean confidence, 0..1; NaN where there are none.
        accuracy: the share of them that is right; NaN where there are none.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error, 0..1: the gap of each bin, weighted by its answers."""
        gaps = np.abs(self.confidence - self.accuracy)
        return float(np.nansum(gaps * self.counts) / max(self.counts.sum(), 1))


def reliability(confidence: NDArray[np.floating], right: NDArray[np.bool_], *, bins: int = 15) -> Reliability:
    """Of answers (n,) with a confidence in 0..1 and whether they were right."""
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    divisor = np.where(counts > 0, counts, np.nan)
    return Reliability(
        counts=counts,
        confidence=np.bincount(bin_of, confidence, bins) / divisor,
        accuracy=np.bincount(bin_of, right, bins) / divisor,
    )
