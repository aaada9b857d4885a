"""The digit score, by which a drawing is accepted as a digit or refused, and what it is worth."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp
from scipy.stats import rankdata

from model_training.evaluation.calibration import calibrated


def digit_scores(logits: NDArray[np.float32], temperature: float, *, refuses: bool) -> NDArray[np.float64]:
    """How digit-like the network finds each of logits (n, 10), (n,) in 0..1, as the reader says it."""
    if refuses:  # against the logit of "no digit", which is zero
        return np.asarray(expit(logsumexp(logits.astype(np.float64), axis=1)))
    return np.asarray(calibrated(logits, temperature).max(axis=1))


def acceptance_threshold(scores: NDArray[np.floating], *, accepted: float = 0.99) -> float:
    """The score that the share `accepted` of these real digits reaches."""
    return float(np.quantile(scores, 1.0 - accepted))


def area_under_curve(digits: NDArray[np.floating], others: NDArray[np.floating]) -> float:
    """The chance that a digit scores above something else, ties counting half; scores (n,) and (m,)."""
    ranks = rankdata(np.concatenate([digits, others]))[: len(digits)]
    above = ranks.sum() - len(digits) * (len(digits) + 1) / 2
    return float(above / (len(digits) * len(others)))
