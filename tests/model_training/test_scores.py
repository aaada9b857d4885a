"""Scores, calibration and the acceptance threshold."""

import numpy as np
import pytest
from scipy.special import softmax

from model_training.evaluation.scores import (
    Evaluation,
    acceptance_threshold,
    area_under_curve,
    calibrate,
    digit_scores,
    fit_temperature,
    reliability,
)


def test_calibration() -> None:
    """Calibrated logits times a factor get it as temperature; sharpened ones have a calibration error."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (5000, 10)).astype(np.float32)
    drawn = [generator.choice(10, p=row) for row in softmax(logits.astype(float), axis=1)]
    labels = np.array(drawn, np.uint8)
    for scale in (1.0, 3.0):
        assert fit_temperature(logits * np.float32(scale), labels) == pytest.approx(scale, rel=0.05)
    assert Evaluation(calibrate(logits, 1.0), labels).reliability.error < 0.02
    assert Evaluation(calibrate(logits, 1 / 3), labels).reliability.error > 0.15


def test_calibration_error_of_known_cases() -> None:
    """Two predictions of confidence 0.8, one of them correct: the gap is 0.3."""
    bins = reliability(np.array([0.8, 0.8]), np.array([True, False]))
    assert bins.error == pytest.approx(0.3)
    assert bins.counts.sum() == 2
    assert np.nanmax(bins.accuracy) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("digits", "others", "area"),
    [([0.8, 0.9], [0.1, 0.2], 1.0), ([0.5], [0.5], 0.5), ([0.3, 0.9], [0.1, 0.5], 0.75)],
)
def test_area_under_curve_of_known_scores(digits: list[float], others: list[float], area: float) -> None:
    """It is the share of pairs in which the digit scores higher; a tie counts half."""
    assert area_under_curve(np.array(digits), np.array(others)) == area


def test_recall_and_precision_of_known_predictions() -> None:
    """Three 1s of which one is read as 7: recall of 1 is 2/3, precision of 7 is 1/2."""
    labels = np.array([1, 1, 1, 7], np.uint8)
    logits = np.eye(10, dtype=np.float32)[[1, 1, 7, 7]] * 9
    scores = Evaluation(calibrate(logits, 1.0), labels)
    assert scores.accuracy == 0.75
    assert scores.confusion[1, 7] == 1
    assert scores.recall[1] == pytest.approx(2 / 3)
    assert scores.precision[7] == pytest.approx(1 / 2)


def test_interval_of_a_known_share() -> None:
    """Wilson's interval for 80 of 100 is 0.711 to 0.867; it never exceeds 1."""
    certain_of_zero = np.eye(10)[np.zeros(100, int)]
    labels = np.repeat(np.array([0, 1], np.uint8), [80, 20])
    assert Evaluation(certain_of_zero, labels).interval == pytest.approx((0.711, 0.867), abs=5e-4)
    assert Evaluation(certain_of_zero, labels * 0).interval[1] == pytest.approx(1.0)


def test_digit_score_of_equal_logits() -> None:
    """Ten logits of 0 stand against one of a non-digit: 10/11; without refusal it is the largest of ten."""
    logits = np.zeros((1, 10), np.float32)
    assert digit_scores(logits, 1.0, refuses=True) == pytest.approx(10 / 11)
    assert digit_scores(logits, 1.0, refuses=False) == pytest.approx(1 / 10)


def test_threshold_accepts_99_percent() -> None:
    """Of 1,000 digit scores, 99 % reach the threshold."""
    scores = np.random.default_rng(0).random(1000)
    assert (scores >= acceptance_threshold(scores)).mean() == pytest.approx(0.99, abs=0.001)
