"""A release is worse only beyond the noise of what was measured."""

from typing import Any

import pytest

from model_training.release.publishing.comparison import find_regressions


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
    ("before", "now", "worse"),
    [
        (0.9965, 0.9952, False),  # 13 digits fewer of 10,000: 1.6 standard errors
        (0.9965, 0.9945, True),  # 20 fewer: 2.1
        (0.9965, 0.9990, False),
        (1.0, 1.0, False),
    ],
)
def test_fewer_right_answers_count_beyond_two_standard_errors(before: float, now: float, worse: bool) -> None:
    """A difference that another 10,000 digits might turn round is no regression."""
    assert bool(find_regressions(_release(now), _release(before))) is worse


def test_the_same_difference_counts_less_on_fewer_pictures() -> None:
    """0.2 percentage points are noise when only 500 pictures were read."""
    assert not find_regressions(_release(0.9945, size=500), _release(0.9965, size=500))


def test_what_was_measured_otherwise_is_not_compared() -> None:
    """Another size or another data set says nothing, and validation digits were decided with."""
    assert not find_regressions(_release(0.5), _release(0.99, size=5000))
    assert not find_regressions(_release(0.5), _release(0.99, dataset="drawn cases: pen"))
    validation = "MNIST validation"
    assert not find_regressions(_release(0.5, dataset=validation), _release(0.99, dataset=validation))


def test_drawn_cases_and_calibration_are_compared_and_named() -> None:
    """What both releases measured on drawn cases counts; calibration beyond 0.2 percentage points."""
    before = _release(0.96, dataset="drawn cases: pen", size=3000)
    assert find_regressions(_release(0.90, dataset="drawn cases: pen", size=3000), before) == [
        "accuracy on drawn cases: pen 90.00 % after 96.00 %"
    ]
    assert not find_regressions(_release(0.99, calibration_error=0.0039), _release(0.99))
    assert find_regressions(_release(0.99, calibration_error=0.0041), _release(0.99)) == [
        "calibration error on MNIST test 0.41 % after 0.20 %"
    ]
