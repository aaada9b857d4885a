"""Train one recipe with several seeds, and summarise the scores."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model_training.data.mnist import Mnist
from model_training.data.pen_digits import PenDigit
from model_training.errors import RunMismatchError
from model_training.release.release_folder import read_description
from model_training.training.config import TrainingConfig
from model_training.training.train import train

_STUDY_FILE = "study.json"


@dataclass(frozen=True)
class Summary:
    """One metric over the seeds, in the metric's own unit; `deviation` is the sample standard deviation."""

    dataset: str
    metric: str
    mean: float
    deviation: float
    worst: float


def study(
    config: TrainingConfig,
    mnist: Mnist,
    *,
    output: Path,
    seeds: int,
    pen_digits: Sequence[PenDigit] = (),
) -> list[Summary]:
    """Train the recipe with the seeds 0 to `seeds` - 1 into `output/seed-<n>`, and summarise the scores.

    Called again, it keeps finished seeds and resumes an interrupted one. `output/study.json` holds the scores
    of each seed and the summary.

    Raises:
        RunMismatchError: a finished seed was trained with another recipe.
    """
    descriptions = finished_seeds(config, output=output, seeds=seeds)
    for seed in range(seeds):
        if seed not in descriptions:
            seeded = dataclasses.replace(config, seed=seed)
            folder = seed_folder(output, seed)
            descriptions[seed] = train(seeded, mnist, pen_digits=pen_digits, output=folder)
        finished = dict(sorted(descriptions.items()))
        summaries = summarise(finished.values())
        report = {
            "recipe": config.as_dict() | {"seed": list(finished)},
            "seeds": [description["metrics"] for description in finished.values()],
            "summary": [dataclasses.asdict(summary) for summary in summaries],
        }
        (output / _STUDY_FILE).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return summaries


def seed_folder(output: Path, seed: int) -> Path:
    """Return the release folder of one seed."""
    return output / f"seed-{seed}"


def finished_seeds(config: TrainingConfig, *, output: Path, seeds: int) -> dict[int, dict[str, Any]]:
    """Return the release.json of each finished seed from 0 to `seeds` - 1.

    Raises:
        RunMismatchError: a finished seed was trained with another recipe.
    """
    defaults = TrainingConfig().as_dict()  # for values that older releases do not have
    found = {}
    for seed in range(seeds):
        folder = seed_folder(output, seed)
        if folder.exists():
            found[seed] = read_description(folder)
            recipe = json.loads(json.dumps(dataclasses.replace(config, seed=seed).as_dict()))
            training = defaults | found[seed]["training"]
            if {name: training[name] for name in recipe} != recipe:
                raise RunMismatchError(
                    f"{folder} was trained with another recipe; delete it or choose another --output"
                )
    return found


def summarise(descriptions: Iterable[dict[str, Any]]) -> list[Summary]:
    """Return mean, deviation and worst value of each single-valued metric of several releases."""
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
