"""The drawn cases of an evaluation.json, taken into the metrics of the release that it measured."""

import json
from pathlib import Path
from typing import Any

from model_training.release.publishing.errors import PublishError

_SAME = 0.001  # by which a share of the same reader may differ on another processor


def add_cases(description: dict[str, Any], evaluation: Path) -> dict[str, Any]:
    """The contents of release.json with each group of drawn cases among its metrics.

    Raises:
        PublishError: the file is no evaluation with drawn cases, or one of another release.
    """
    try:
        report = json.loads(evaluation.read_text(encoding="utf-8"))
        measured = report["mnist_test"]["size"], report["mnist_test"]["accuracy"]
        groups = report["cases"]["groups"]
    except OSError as error:
        raise PublishError(f"{evaluation} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PublishError(f"{evaluation} is no evaluation.json of `evaluate --cases`") from error
    through_reader = next(m for m in description["metrics"] if m["metric"] == "accuracy_through_reader")
    if measured[0] != through_reader["size"] or abs(measured[1] - through_reader["value"]) > _SAME:
        raise PublishError(f"{evaluation} is of another release: it has other answers to MNIST's test digits")
    added = [
        {"dataset": f"drawn cases: {group}", "size": values["size"], "metric": metric, "value": value}
        for group, values in groups.items()
        for metric, value in values.items()
        if metric != "size"
    ]
    return description | {"metrics": [*description["metrics"], *added]}
