"""What a trained network is worth: calibrated and given a threshold on held-out digits, then scored."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.drawings import draw_digits
from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.evaluation.scores import (
    Evaluation,
    acceptance_threshold,
    area_under_curve,
    calibrated,
    digit_scores,
    evaluate,
    fit_temperature,
    predict_logits,
)
from model_training.training.config import TrainingConfig

_DRAWINGS = 4000  # digits, and as many non-digits, that were not learnt from
# Drawn digits beside MNIST's validation digits when the temperature is fitted. MNIST alone makes the network
# too sure of pen drawings, as many of these as of MNIST too unsure of MNIST; one to four serves both.
_CALIBRATION_DRAWINGS = 1250
_UNSEEN_SEED = 1_000_000  # added to the run's seed, so that they are others than those that it learns from
_NON_DIGITS = "drawn non-digits"


@dataclass(frozen=True)
class Measures:
    """What was found, each data set by its name.

    Attributes:
        temperature: that logits are divided by.
        threshold: the least digit score that is accepted.
        evaluations: of digits.
        digit_scores: of digits and of what is none, (n,) each, 0..1.
    """

    temperature: float
    threshold: float
    evaluations: dict[str, Evaluation]
    digit_scores: dict[str, NDArray[np.float64]]

    def scores_by_kind(self) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
        """The digit scores of unseen digits, and of what is none."""
        digits = {name: self.digit_scores[name] for name in ("MNIST test", "drawn digits")}
        return digits, {_NON_DIGITS: self.digit_scores[_NON_DIGITS]}

    def metrics(self) -> list[dict[str, Any]]:
        """One entry for each score, for release.json."""
        found = [
            (name, len(evaluation.labels), evaluation.as_dict())
            for name, evaluation in self.evaluations.items()
        ]
        others = self.digit_scores[_NON_DIGITS]
        digits = self.digit_scores["MNIST validation"]
        refusal = {
            "refused": float((others < self.threshold).mean()),
            "area_under_curve": area_under_curve(digits, others),
        }
        return [
            {"dataset": dataset, "size": size, "metric": metric, "value": value}
            for dataset, size, values in [*found, (_NON_DIGITS, len(others), refusal)]
            for metric, value in values.items()
        ]


def measure(network: keras.Model, config: TrainingConfig, *, validation: Digits, test: Digits) -> Measures:
    """Calibrates `network` on `validation` and drawings, then scores it there, on others, once on `test`."""
    seed = config.seed + _UNSEEN_SEED
    drawings = draw_digits(_CALIBRATION_DRAWINGS, seed=seed + 1)
    data = {
        "MNIST validation": validation,
        "drawn digits": draw_digits(_DRAWINGS, seed=seed),
        "MNIST test": test,
    }
    logits = {name: predict_logits(network, digits.images) for name, digits in data.items()}
    temperature = fit_temperature(
        np.concatenate([logits["MNIST validation"], predict_logits(network, drawings.images)]),
        np.concatenate([validation.labels, drawings.labels]),
    )
    evaluations = {
        name: evaluate(calibrated(logits[name], temperature), digits.labels) for name, digits in data.items()
    }
    logits[_NON_DIGITS] = predict_logits(network, draw_non_digits(_DRAWINGS, validation, seed=seed))
    scores = {
        name: digit_scores(found, temperature, refuses=config.refuses) for name, found in logits.items()
    }
    return Measures(
        temperature=temperature,
        # MNIST's digits alone are easy: they would set it so high that one pen digit in thirty is refused.
        threshold=acceptance_threshold(np.concatenate([scores["MNIST validation"], scores["drawn digits"]])),
        evaluations=evaluations,
        digit_scores=scores,
    )
