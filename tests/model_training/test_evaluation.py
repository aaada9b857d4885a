"""Scores and calibration mean what they say."""

import numpy as np
import pytest
from scipy.special import softmax

from model_training.evaluation.acceptance import acceptance_threshold, area_under_curve
from model_training.evaluation.calibration import calibrated, fit_temperature, reliability
from model_training.evaluation.evaluate import evaluate, wilson_interval


def _honest_logits(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose softmax is the true chance of each label, and labels drawn by it."""
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, (count, 10)).astype(np.float32)
    labels = np.array([generator.choice(10, p=row) for row in softmax(logits.astype(float), axis=1)])
    return logits, labels.astype(np.uint8)


def test_the_temperature_undoes_overconfidence() -> None:
    """Honest logits made three times too large get a temperature of about three."""
    logits, labels = _honest_logits(5000)
    assert fit_temperature(logits, labels) == pytest.approx(1.0, rel=0.05)
    assert fit_temperature(3 * logits, labels) == pytest.approx(3.0, rel=0.05)


def _calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return reliability(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels).error


def test_calibration_error_sees_overconfidence() -> None:
    """It is near zero for honest probabilities and large for sharpened ones."""
    logits, labels = _honest_logits(5000)
    assert _calibration_error(calibrated(logits, 1.0), labels) < 0.02
    assert _calibration_error(calibrated(logits, 1 / 3), labels) > 0.15


def test_calibration_error_of_known_cases() -> None:
    """Two answers of confidence 0.8, one of them right: the gap is 0.3."""
    found = reliability(np.array([0.8, 0.8]), np.array([True, False]))
    assert found.error == pytest.approx(0.3)
    assert found.counts.sum() == 2
    assert np.nanmax(found.accuracy) == pytest.approx(0.5)


def test_area_under_the_curve_of_known_scores() -> None:
    """1 when every digit is above everything else, a half for a tie, 3/4 when one of two pairs is turned."""
    assert area_under_curve(np.array([0.8, 0.9]), np.array([0.1, 0.2])) == 1.0
    assert area_under_curve(np.array([0.5]), np.array([0.5])) == 0.5
    assert area_under_curve(np.array([0.3, 0.9]), np.array([0.1, 0.5])) == 0.75


def test_recall_and_precision_count_the_right_way() -> None:
    """Three 1s of which one is read as 7: recall of 1 is 2/3, precision of 7 is 1/2."""
    labels = np.array([1, 1, 1, 7], np.uint8)
    logits = np.eye(10, dtype=np.float32)[[1, 1, 7, 7]] * 9
    scores = evaluate(calibrated(logits, 1.0), labels)
    assert scores.accuracy == 0.75
    assert scores.confusion[1, 7] == 1
    assert scores.recall[1] == pytest.approx(2 / 3)
    assert scores.precision[7] == pytest.approx(1 / 2)


def test_the_interval_of_a_known_share() -> None:
    """Wilson's interval for 80 of 100 is 0.711 to 0.867, and stays within 1."""
    assert wilson_interval(0.8, 100) == pytest.approx((0.711, 0.867), abs=5e-4)
    assert wilson_interval(1.0, 100)[1] == pytest.approx(1.0)


def test_the_threshold_accepts_the_share_asked_for() -> None:
    """Of 1,000 scores, 99 % reach the threshold."""
    scores = np.random.default_rng(0).random(1000)
    assert (scores >= acceptance_threshold(scores)).mean() == pytest.approx(0.99, abs=0.001)
