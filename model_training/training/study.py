"""One recipe over several seeds: what it is worth on the whole, not on a lucky day."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model_training.data.mnist import Mnist
from model_training.release.release_folder import read_description
from model_training.training.config import TrainingConfig
from model_training.training.train import train

_STUDY_FILE = "study.json"


class StudyMismatchError(ValueError):
    """The folder holds what was trained by another recipe."""


@dataclass(frozen=True)
class Summary:
    """One metric over the seeds, in the metric's own unit; `deviation` is the sample standard deviation."""

    dataset: str
    metric: str
    mean: float
    deviation: float
    worst: float


def study(config: TrainingConfig, mnist: Mnist, *, output: Path, seeds: int) -> list[Summary]:
    """Trains the recipe with the seeds 0 to `seeds` - 1, each into `output/seed-<n>`, and sums up the scores.

    Called again, it trains no finished seed again, and goes on with one that was killed.
    `output/study.json` holds each seed's scores and the summary.

    Raises:
        StudyMismatchError: a finished seed was trained by another recipe.
    """
    descriptions = []
    for seed in range(seeds):
        folder = seed_folder(output, seed)
        seeded = dataclasses.replace(config, seed=seed)
        if folder.exists():
            descriptions.append(_finished(folder, seeded))
        else:
            descriptions.append(train(seeded, mnist, output=folder))
        (output / _STUDY_FILE).write_text(
            json.dumps(_report(config, descriptions), indent=2) + "\n", encoding="utf-8"
        )
    return summarise(descriptions)


def seed_folder(output: Path, seed: int) -> Path:
    """Where the release of one seed is."""
    return output / f"seed-{seed}"


def missing_seeds(config: TrainingConfig, *, output: Path, seeds: int) -> list[int]:
    """Those of the seeds 0 to `seeds` - 1 that are not trained yet.

    Raises:
        StudyMismatchError: a finished seed was trained by another recipe.
    """
    missing = []
    for seed in range(seeds):
        folder = seed_folder(output, seed)
        if folder.exists():
            _finished(folder, dataclasses.replace(config, seed=seed))
        else:
            missing.append(seed)
    return missing


def summarise(descriptions: list[dict[str, Any]]) -> list[Summary]:
    """Mean, deviation and worst of each single-valued metric over the releases' descriptions."""
    values: dict[tuple[str, str], list[float]] = {}
    for description in descriptions:
        for metric in description["metrics"]:
            if isinstance(metric["value"], float):
                values.setdefault((metric["dataset"], metric["metric"]), []).append(metric["value"])
    return [
        Summary(
            dataset,
            metric,
            mean=float(np.mean(found)),
            deviation=float(np.std(found, ddof=1)) if len(found) > 1 else 0.0,
            worst=max(found) if metric.endswith("error") else min(found),
        )
        for (dataset, metric), found in values.items()
    ]


def _finished(folder: Path, config: TrainingConfig) -> dict[str, Any]:
    description = read_description(folder)
    recipe = json.loads(json.dumps(config.as_dict()))
    before = TrainingConfig().as_dict()  # for what a release from before a value of the recipe does not name
    if {name: description["training"].get(name, before[name]) for name in recipe} != recipe:
        raise StudyMismatchError(
            f"{folder} was trained by another recipe; delete it or choose another --output"
        )
    return description


def _report(config: TrainingConfig, descriptions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "recipe": config.as_dict() | {"seed": list(range(len(descriptions)))},
        "seeds": [description["metrics"] for description in descriptions],
        "summary": [dataclasses.asdict(summary) for summary in summarise(descriptions)],
    }
