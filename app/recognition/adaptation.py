"""Adapts the digit reader to one hand, with a few of its digits whose values are known.

Kernel logistic regression on top of the reader (T. Hastie, R. Tibshirani and J. Friedman, The Elements of
Statistical Learning, 12.3.3): the log-probabilities of ink that resembles an example are corrected, so that
the examples are read rightly. An example that is read rightly anyway corrects hardly anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.recognition.constants import ADAPTATION
from app.recognition.reading import Digit

_DIFFERENT = ADAPTATION["different"]  # cosine: nine in ten pairs of different digits of one writer are below
_ALIKE = ADAPTATION["alike"]  # likeness: that of half of the pairs of equal digits of one writer is higher
_PENALTY = ADAPTATION["penalty"]  # on the squared norm of the correction
_SWEEPS = int(ADAPTATION["sweeps"])  # passes over the examples; more change no digit
_LEAST = ADAPTATION["least_probability"]  # added to each probability, whose logarithm is then finite

Embedding = NDArray[np.float32]  # (E,): the input of the network's last layer


@dataclass(frozen=True)
class Example:
    """A digit whose value is known."""

    embedding: Embedding
    probabilities: NDArray[np.float32]  # (labels,), as it was read; (0,) if that is not known
    digit: int


class ExampleError(ValueError):
    """An example is not one of this reader."""


class Adaptation:
    """Corrections of the probabilities of digits that resemble examples."""

    def __init__(self, examples: Sequence[Example]) -> None:
        """Fit the corrections to one example at least; all embeddings have the same shape."""
        self._digits = np.array([example.digit for example in examples])
        self._directions = np.stack([_normalise(example.embedding) for example in examples])
        kernel = _measure_likeness(self._directions @ self._directions.T)
        read = np.log(np.stack([example.probabilities for example in examples]) + _LEAST)
        targets = np.eye(read.shape[1])[self._digits]
        self._weights = np.zeros_like(targets)
        for _ in range(_SWEEPS):
            for place, likeness in enumerate(kernel):
                missing = targets[place] - _softmax(read[place] + likeness @ self._weights)
                # The second derivative of the loss is at most 0.5: the step never overshoots.
                step = (missing - _PENALTY * self._weights[place]) / (0.5 + _PENALTY)
                self._weights[place] += step

    def adapt(self, digit: Digit) -> Digit:
        """Return a digit with corrected probabilities; one that is like an example of it is accepted."""
        likeness = _measure_likeness(self._directions @ _normalise(digit.embedding))
        if not likeness.any():
            return digit
        probabilities = _softmax(np.log(np.array(digit.probabilities) + _LEAST) + likeness @ self._weights)
        best = int(probabilities.argmax())
        alike = float(likeness[self._digits == best].max(initial=0.0))
        return replace(
            digit,
            digit=best,
            confidence=float(probabilities[best]),
            digit_score=max(digit.digit_score, alike),
            accepted=digit.accepted or alike >= _ALIKE,
            probabilities=tuple(probabilities.tolist()),
        )


def _normalise(embedding: Embedding) -> Embedding:
    return embedding / max(float(np.linalg.norm(embedding)), 1e-6)


def _measure_likeness(cosines: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the kernel, 0 to 1, of cosines between embeddings."""
    return np.clip((cosines.astype(np.float64) - _DIFFERENT) / (1 - _DIFFERENT), 0, 1)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())
