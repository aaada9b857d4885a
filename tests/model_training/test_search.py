"""A search stops worse trials, survives kills of a trial and of itself, and repeats no epoch."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from model_training.data.mnist import Mnist, split_validation
from model_training.errors import ClusterError, RunMismatchError
from model_training.search.cluster import LOCAL, connect
from model_training.search.results import TrialResult, write_results
from model_training.search.run import checkpoints_of, run_trials
from model_training.search.space import Domain
from model_training.training.checkpoint import History, read_history
from model_training.training.fit import fit
from model_training.training.recipe import read_values, with_values
from tests.model_training import search_slice
from tests.model_training.search_slice import SEARCH_CONFIG, SPACE

pytestmark = [pytest.mark.ray, pytest.mark.slow]

_PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("searches") / "search"


@pytest.fixture(scope="module")
def killed(output: Path) -> list[History]:
    """The histories of the two trials when the search was killed.

    Before, the process of the first trial was killed after an epoch, the second trial was stopped early, and
    the first resumed.
    """
    environment = os.environ | {"PYTHONPATH": str(_PROJECT)}
    command = [sys.executable, search_slice.__file__, str(output)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as driver:
        _wait_for("  0  epoch", driver)
        (trial,) = (p for p in psutil.Process(driver.pid).children(recursive=True) if _trains(p))
        trial.kill()
        _wait_for("  0  failed; resuming", driver)
        _wait_for("  1  epoch 1", driver)
        _wait_for("  0  epoch", driver)
        driver.send_signal(signal.SIGKILL)
    return [read_history(checkpoints_of(output, number)) for number in (0, 1)]


@pytest.fixture(scope="module")
def ray() -> Iterator[None]:
    """A cluster on this machine."""
    with connect(LOCAL):
        yield


@pytest.fixture(scope="module")
def trials(killed: list[History], ray: None, output: Path) -> list[TrialResult]:  # noqa: ARG001
    """The results of the same search, started again."""
    return search_slice.search_slice(output)


def _trains(process: psutil.Process) -> bool:
    return process.name().startswith("ray::ImplicitFu")


def _wait_for(start: str, process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any(line.startswith(start) for line in process.stdout), f"ended without {start!r}"


def _without_seconds(history: History) -> History:
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history]


def test_a_resumed_search_repeats_no_epoch(
    trials: list[TrialResult], killed: list[History], mnist: Mnist, output: Path, tmp_path: Path
) -> None:
    """After kills of trial and search, each epoch is kept; the result is that of a run without Ray."""
    for trial, before in zip(trials, killed, strict=True):
        assert before
        assert read_history(checkpoints_of(output, trial.number))[: len(before)] == before
    training, validation = split_validation(mnist.train, SEARCH_CONFIG.validation_size)
    alone = fit(SEARCH_CONFIG, training=training, validation=validation, run_folder=tmp_path, identity={})
    tried = read_history(checkpoints_of(output, trials[0].number))
    assert _without_seconds(tried) == _without_seconds(alone.history)


def test_a_search_stops_worse_trials_and_writes_the_best(trials: list[TrialResult], output: Path) -> None:
    """The unchanged recipe finishes and comes first; best.json is its recipe. The other learns nothing."""
    assert [(trial.state, trial.epochs) for trial in trials] == [("finished", 8), ("stopped", 1)]
    table = write_results(output, reversed(trials), config=SEARCH_CONFIG, space=SPACE)
    assert "finished" in table.splitlines()[2]
    assert (output / "trials.md").read_text() == table + "\n"
    assert [trial["number"] for trial in json.loads((output / "trials.json").read_text())["trials"]] == [0, 1]
    with Image.open(output / "trials.png") as picture:
        grey = np.asarray(picture.convert("L"))
    assert (grey.min() < 100, grey.max()) == (True, 255)
    assert with_values(SEARCH_CONFIG, read_values(output / "best.json")) == SEARCH_CONFIG


def test_a_folder_of_another_search_is_refused(
    trials: list[TrialResult], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another space in the same folder is an error, and the files stay."""
    assert trials
    monkeypatch.setitem(search_slice.SPACE, "width", Domain("choice", [0.5]))
    with pytest.raises(RunMismatchError, match="another --output"):
        search_slice.search_slice(output)
    assert (output / "trial-000").exists()


def test_a_trial_that_fits_no_machine_is_refused(ray: None, output: Path) -> None:  # noqa: ARG001
    """Too many cores are an error, since Ray would wait forever."""
    with pytest.raises(ClusterError, match="a trial of 9999 cores fits no machine"):
        run_trials(print, [0], folder=output, cpus=9999, report=print)


def test_without_ray_the_error_names_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error contains the pip command."""
    monkeypatch.setitem(sys.modules, "ray.tune", None)
    with pytest.raises(ClusterError, match=r"pip install '\.\[train,cluster\]'"):
        connect(LOCAL).__enter__()
