"""The files to publish: a checked release, with the model card rendered for the repo."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import UndefinedError

from model_training.errors import PublishError
from model_training.release.model_card import render_card
from model_training.release.release_folder import (
    CARD_FILE,
    FORMAT_VERSION,
    RELEASE_FILE,
    description_text,
    fingerprint,
    read_description,
    with_card,
)

_ACCURACY_TOLERANCE = 0.001  # of the same reader on another processor


@dataclass(frozen=True)
class Package:
    """The files to publish."""

    title: str  # of the commit
    description: dict[str, Any]  # the contents of release.json
    files: Mapping[str, bytes]  # content by path


def pack_release(folder: Path, repo_id: str, *, evaluation: Path | None) -> Package:
    """Check the release in `folder`, and render its card for the repo `repo_id`, `user/name`.

    `evaluation` is the release's evaluation.json, whose drawn cases are added to the metrics.

    Raises:
        PublishError: a file is missing or has another hash, or release.json or `evaluation` is invalid.
        FileNotFoundError: `folder` holds no release.
        ReleaseError: release.json is damaged.
    """
    description = read_description(folder)
    try:
        if description["format_version"] != FORMAT_VERSION:
            raise PublishError(
                f"{folder} has release format {description['format_version']!r}; the supported format is "
                f"{FORMAT_VERSION}"
            )
        files = {name: _read(folder, name, record) for name, record in description["files"].items()}
        if evaluation is not None:
            description = add_cases(description, evaluation)
        card = render_card(description, repo_id=repo_id)
        test = _find_metric(description, "accuracy")
        accuracy = f"{100 * test['value']:.2f} % accuracy on {test['dataset']}"
        title = f"Publish {description['name']}: {accuracy}"
    except (ValueError, KeyError, TypeError, AttributeError, UndefinedError) as error:
        raise PublishError(f"{folder / RELEASE_FILE} is invalid: {error!r}") from error
    description = with_card(description, card)
    rendered = {CARD_FILE: card.encode(), RELEASE_FILE: description_text(description).encode()}
    return Package(title, description, files | rendered)


def add_cases(description: dict[str, Any], evaluation: Path) -> dict[str, Any]:
    """Return the contents of release.json with the scores of each group of drawn cases among the metrics.

    Raises:
        PublishError: `evaluation` is no evaluation.json with drawn cases, or is that of another release.
    """
    try:
        report = json.loads(evaluation.read_text(encoding="utf-8"))
        size, accuracy = report["mnist_test"]["size"], report["mnist_test"]["accuracy"]
        groups = report["cases"]["groups"]
    except OSError as error:
        raise PublishError(f"{evaluation} can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PublishError(f"{evaluation} is no evaluation.json of `evaluate --cases`") from error
    released = _find_metric(description, "accuracy_through_reader")
    if size != released["size"] or abs(accuracy - released["value"]) > _ACCURACY_TOLERANCE:
        raise PublishError(f"{evaluation} is of another release: its accuracy on MNIST test differs")
    added = [
        {"dataset": f"drawn cases: {group}", "size": scores["size"], "metric": metric, "value": value}
        for group, scores in groups.items()
        for metric, value in scores.items()
        if metric != "size"
    ]
    return description | {"metrics": [*description["metrics"], *added]}


def _find_metric(description: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the entry of a metric on the test digits; raise KeyError if there is none."""
    metrics = {(metric["dataset"], metric["metric"]): metric for metric in description["metrics"]}
    [test] = {dataset for dataset, metric in metrics if metric == "accuracy_through_reader"}
    return dict(metrics[test, name])


def _read(folder: Path, name: str, record: dict[str, Any]) -> bytes:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise PublishError(f"{RELEASE_FILE} names {name}, which is outside the release folder")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PublishError(f"the release is incomplete: {path} can't be read ({error.strerror})") from error
    if fingerprint(content) != record:
        raise PublishError(f"the release is damaged: the sha256 of {path} differs from {RELEASE_FILE}")
    return content
