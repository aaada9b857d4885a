"""Whether a release is worse than the one before it, beyond the noise of what was measured."""

import math
from typing import Any, NamedTuple

# Test of two proportions, two-sided 95 % of a normal distribution: a smaller difference is noise.
_STANDARD_ERRORS = 1.96
_CALIBRATION_TOLERANCE = 0.002  # of the expected calibration error; re-trainings differ by less
_VALIDATION = "MNIST validation"  # decided with, so it proves nothing


def find_regressions(new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    """What is worse in the release.json `new` than in `old`, a phrase each.

    Only what both measured on a data set of the same name and size is compared: accuracy on each, and
    calibration on each.
    """
    before = _scores(old)
    return [
        f"{metric.replace('_', ' ')} on {dataset} {100 * value:.2f} % after {100 * before[key].value:.2f} %"
        for key, (value, size) in _scores(new).items()
        for dataset, metric in [key]
        if key in before and before[key].size == size
        if _is_worse(metric, value, before=before[key])
    ]


class _Score(NamedTuple):
    value: float
    size: int


def _scores(description: dict[str, Any]) -> dict[tuple[str, str], _Score]:
    return {
        (metric["dataset"], metric["metric"]): _Score(float(metric["value"]), int(metric["size"]))
        for metric in description["metrics"]
        if metric["metric"] in ("accuracy", "calibration_error") and metric["dataset"] != _VALIDATION
    }


def _is_worse(metric: str, value: float, *, before: _Score) -> bool:
    if metric == "calibration_error":
        return value - before.value > _CALIBRATION_TOLERANCE
    pooled = (value + before.value) / 2
    standard_error = math.sqrt(2 * pooled * (1 - pooled) / before.size)
    return before.value - value > _STANDARD_ERRORS * standard_error
