"""A release is worse than another only beyond the sampling error."""

from typing import Any

import pytest

from model_training.release.publishing.plan import find_regressions


def _release(
    accuracy: float, *, dataset: str = "MNIST test", size: int = 10_000, calibration_error: float = 0.002
) -> dict[str, Any]:
    scores = {"accuracy": accuracy, "calibration_error": calibration_error}
    return {
        "metrics": [
            {"dataset": dataset, "size": size, "metric": metric, "value": value}
            for metric, value in scores.items()
        ]
    }


@pytest.mark.parametrize(
    ("before", "now", "size", "worse"),
    [
        (0.9965, 0.9952, 10_000, False),  # 13 correct predictions fewer: 1.6 standard errors
        (0.9965, 0.9945, 10_000, True),  # 20 fewer: 2.1
        (0.9965, 0.9945, 500, False),
        (0.9965, 0.9990, 10_000, False),
        (1.0, 1.0, 10_000, False),
    ],
)
def test_lower_accuracy_counts_beyond_two_standard_errors(
    before: float, now: float, size: int, worse: bool
) -> None:
    """A difference within the sampling error of the test set is no regression."""
    assert bool(find_regressions(_release(now, size=size), _release(before, size=size))) is worse


def test_scores_of_different_measurements_are_not_compared() -> None:
    """A data set of another size or name, and validation digits, are left out."""
    assert not find_regressions(_release(0.5), _release(0.99, size=5000))
    assert not find_regressions(_release(0.5), _release(0.99, dataset="drawn cases: pen"))
    validation = "MNIST validation"
    assert not find_regressions(_release(0.5, dataset=validation), _release(0.99, dataset=validation))


def test_drawn_cases_and_calibration_are_compared() -> None:
    """Each regression names metric and data set; calibration counts beyond 0.2 percentage points."""
    before = _release(0.96, dataset="drawn cases: pen", size=3000)
    (worse,) = find_regressions(_release(0.90, dataset="drawn cases: pen", size=3000), before)
    assert "accuracy on drawn cases: pen 90.00 %" in worse
    assert not find_regressions(_release(0.99, calibration_error=0.0039), _release(0.99))
    (worse,) = find_regressions(_release(0.99, calibration_error=0.0041), _release(0.99))
    assert "calibration error on MNIST test 0.41 %" in worse
