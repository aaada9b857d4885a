"""How far the network's probabilities can be believed, and the temperature that mends them."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logsumexp, softmax


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


def expected_calibration_error(
    probabilities: NDArray[np.float64], labels: NDArray[np.uint8], *, bins: int = 15
) -> float:
    """Mean gap, 0..1, between confidence and share of right answers, over equally wide bins of confidence."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(bin_of, confidence - right, bins)
    return float(np.abs(gap).sum() / len(labels))


def digit_scores(logits: NDArray[np.float32], temperature: float, *, refuses: bool) -> NDArray[np.float64]:
    """How digit-like the network finds each of logits (n, 10), (n,) in 0..1, as the reader says it."""
    if refuses:  # against the logit of "no digit", which is zero
        return np.asarray(expit(logsumexp(logits.astype(np.float64), axis=1)))
    return np.asarray(calibrated(logits, temperature).max(axis=1))


def acceptance_threshold(scores: NDArray[np.floating], *, accepted: float = 0.99) -> float:
    """The score that the share `accepted` of these real digits reaches."""
    return float(np.quantile(scores, 1.0 - accepted))
