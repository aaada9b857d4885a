"""A study trains each seed once and summarises the scores."""

import dataclasses
import json
import os
from pathlib import Path
from shutil import copytree

import keras
import numpy as np
import pytest

from model_training.data.mnist import Mnist
from model_training.errors import RunMismatchError
from model_training.search.cluster import LOCAL, connect
from model_training.search.search import train_seeds
from model_training.training.study import study, summarise
from tests.model_training.train_slice import SLICE_CONFIG

pytestmark = pytest.mark.slow

_CONFIG = dataclasses.replace(SLICE_CONFIG, line=None, architecture="classic", epochs=1, batch_size=50)


@pytest.fixture(scope="module")
def first_seed(tmp_path_factory: pytest.TempPathFactory, mnist: Mnist) -> Path:
    """A study of one seed."""
    output = tmp_path_factory.mktemp("studies") / "study"
    study(_CONFIG, mnist, output=output, seeds=1)
    return output


@pytest.fixture
def started(first_seed: Path, tmp_path: Path) -> Path:
    """The study of one seed, as a copy."""
    return copytree(first_seed, tmp_path / "study")


def _description(accuracy: float, error: float) -> dict[str, object]:
    values: dict[str, object] = {"accuracy": accuracy, "calibration_error": error, "recall": [0.5, 0.6]}
    return {"metrics": [{"dataset": "test", "size": 9, "metric": k, "value": v} for k, v in values.items()]}


def test_summary_of_known_scores() -> None:
    """The worst value is the lowest accuracy, but the highest error."""
    accuracy, error = summarise([_description(0.90, 0.01), _description(0.94, 0.03)])
    assert (accuracy.metric, error.metric) == ("accuracy", "calibration_error")
    assert accuracy.mean == pytest.approx(0.92)
    assert accuracy.deviation == pytest.approx(0.02 * 2**0.5)
    assert (accuracy.worst, error.worst) == (0.90, 0.03)


def test_a_study_resumes(started: Path, mnist: Mnist) -> None:
    """Called again with more seeds, it keeps the finished one and trains the next."""
    first = (started / "seed-0" / "release.json").read_bytes()
    summaries = study(_CONFIG, mnist, output=started, seeds=2)
    assert (started / "seed-0" / "release.json").read_bytes() == first
    assert (started / "seed-1" / "release.json").is_file()
    written = json.loads((started / "study.json").read_text())
    assert len(written["seeds"]) == 2
    assert written["summary"] == [dataclasses.asdict(summary) for summary in summaries]


@pytest.mark.ray
def test_ray_gives_the_same_networks(first_seed: Path, mnist: Mnist, tmp_path: Path) -> None:
    """A Ray process with as many cores writes the same network, and `study` accepts it."""
    output = tmp_path / "study"
    lines: list[str] = []
    with connect(LOCAL):
        train_seeds(_CONFIG, mnist, output=output, seeds=1, cpus=os.cpu_count() or 1, report=lines.append)
    assert study(_CONFIG, mnist, output=output, seeds=1) == study(_CONFIG, mnist, output=first_seed, seeds=1)
    here, there = (
        keras.models.load_model(folder / "seed-0" / "model.keras").get_weights()
        for folder in (first_seed, output)
    )
    assert all(np.array_equal(one, other) for one, other in zip(here, there, strict=True))
    assert lines[0].startswith("  0  epoch 1")


def test_a_seed_of_another_recipe_is_refused(started: Path, mnist: Mnist) -> None:
    """A release of another recipe is an error, and is not summarised."""
    other = dataclasses.replace(_CONFIG, learning_rate=1e-3)
    with pytest.raises(RunMismatchError, match="seed-0 was trained with another recipe"):
        study(other, mnist, output=started, seeds=2)
