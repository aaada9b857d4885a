"""Calibrate a trained network and choose its threshold on held-out digits, then score it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.handwriting import draw_digits, redraw
from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.data.pen_digits import PenDigit
from model_training.evaluation import scores
from model_training.training.config import TrainingConfig

_DRAWINGS = 4000  # digits, and as many non-digits, that are not in the training data
# Drawn digits beside MNIST's validation digits for the temperature. MNIST alone makes the network
# overconfident on pen drawings, equal numbers make it underconfident on MNIST; one to four suits both.
_CALIBRATION_DRAWINGS = 1250
_MEASURE_SEED = 1_000_000  # added to the run's seed, so that these drawings differ from the training data
NON_DIGITS = "drawn non-digits"  # name of the data set


@dataclass(frozen=True)
class Measures:
    """Calibration and scores.

    Attributes:
        temperature: divisor of the logits.
        threshold: the least accepted digit score.
        evaluations: of digits, by data set.
        digit_scores: of digits and non-digits, (n,) each, 0..1, by data set.
    """

    temperature: float
    threshold: float
    evaluations: dict[str, scores.Evaluation]
    digit_scores: dict[str, NDArray[np.float64]]

    def metrics(self) -> list[dict[str, Any]]:
        """Return the `metrics` of release.json."""
        found = [
            (name, len(evaluation.labels), evaluation.as_dict())
            for name, evaluation in self.evaluations.items()
        ]
        non_digits = self.digit_scores[NON_DIGITS]
        refusal = {
            "refused": float((non_digits < self.threshold).mean()),
            "area_under_curve": scores.area_under_curve(next(iter(self.digit_scores.values())), non_digits),
        }
        return [
            {"dataset": dataset, "size": size, "metric": metric, "value": value}
            for dataset, size, values in [*found, (NON_DIGITS, len(non_digits), refusal)]
            for metric, value in values.items()
        ]


@dataclass(frozen=True)
class MeasuredData:
    """Images that are not in the training data.

    Attributes:
        digits: by data set; the first two decide the threshold, the first and `drawings` the temperature.
        drawings: digits.
        non_digits: uint8 (n, 28, 28).
    """

    digits: dict[str, Digits]
    drawings: Digits
    non_digits: NDArray[np.uint8]


def make_measured_data(
    config: TrainingConfig, validation: Digits, *, held_out_pens: Sequence[PenDigit] = ()
) -> MeasuredData:
    """Return the given digits, drawn digits and drawn non-digits."""
    seed = config.seed + _MEASURE_SEED
    data = {"MNIST validation": validation, "drawn digits": draw_digits(_DRAWINGS, seed=seed)}
    if held_out_pens:
        generator = np.random.default_rng([seed, 4])
        images = redraw([digit.strokes for digit in held_out_pens], generator=generator)
        data["held-out pen digits"] = Digits(images, np.array([d.label for d in held_out_pens], np.uint8))
    return MeasuredData(
        data,
        draw_digits(_CALIBRATION_DRAWINGS, seed=seed + 1),
        draw_non_digits(_DRAWINGS, validation, seed=seed),
    )


def measure(network: keras.Model, config: TrainingConfig, data: MeasuredData) -> Measures:
    """Calibrate `network` on validation and drawn digits, choose its threshold, and score it on all data."""
    validation, drawn = list(data.digits)[:2]
    calibrated = (data.digits[validation], data.drawings)
    temperature = scores.fit_temperature(
        np.concatenate([scores.predict_logits(network, digits.images) for digits in calibrated]),
        np.concatenate([digits.labels for digits in calibrated]),
    )
    measures = Measures(temperature, 0.0, {}, {})
    for name, digits in data.digits.items():
        measures = score_digits(network, config, digits, name=name, measures=measures)
    measures = score_non_digits(network, config, data.non_digits, measures=measures)
    # MNIST alone is too easy: the threshold would refuse one pen digit in thirty.
    real = [measures.digit_scores[name] for name in (validation, drawn)]
    return replace(measures, threshold=scores.acceptance_threshold(np.concatenate(real)))


def score_digits(
    network: keras.Model, config: TrainingConfig, digits: Digits, *, name: str, measures: Measures
) -> Measures:
    """Return `measures` with the scores of one more data set."""
    logits = scores.predict_logits(network, digits.images)
    evaluation = scores.Evaluation(scores.calibrate(logits, measures.temperature), digits.labels)
    digit_scores = scores.digit_scores(logits, measures.temperature, refuses=config.refuses)
    return replace(
        measures,
        evaluations=measures.evaluations | {name: evaluation},
        digit_scores=measures.digit_scores | {name: digit_scores},
    )


def score_non_digits(
    network: keras.Model, config: TrainingConfig, images: NDArray[np.uint8], *, measures: Measures
) -> Measures:
    """Return `measures` with the digit scores of non-digits, uint8 (n, 28, 28)."""
    logits = scores.predict_logits(network, images)
    digit_scores = scores.digit_scores(logits, measures.temperature, refuses=config.refuses)
    return replace(measures, digit_scores=measures.digit_scores | {NON_DIGITS: digit_scores})
