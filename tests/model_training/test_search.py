"""A search stops what is worse, survives the kill of a trial and of itself, and trains nothing twice."""

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
from model_training.search.cluster import LOCAL, ClusterError, connected
from model_training.search.report import write_trials
from model_training.search.run import run_trials
from model_training.search.space import Domain
from model_training.search.trial import checkpoints_of
from model_training.search.tried import Tried, rank
from model_training.training.checkpoint import History, read_history
from model_training.training.fit import fit
from model_training.training.recipe import read_recipe, with_values
from model_training.training.study import StudyMismatchError
from tests.model_training import search_slice
from tests.model_training.search_slice import SEARCH_CONFIG, SPACE

pytestmark = pytest.mark.ray

_PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("searches") / "search"


@pytest.fixture(scope="module")
def killed(output: Path) -> list[History]:
    """What the two trials had reached when the search was killed.

    The first one's process had been killed after an epoch; then the second had been stopped, and the first
    had gone on.
    """
    environment = os.environ | {"PYTHONPATH": str(_PROJECT)}
    command = [sys.executable, search_slice.__file__, str(output)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as driver:
        _wait_for("  0  epoch", driver)
        (trial,) = (p for p in psutil.Process(driver.pid).children(recursive=True) if _trains(p))
        trial.kill()
        _wait_for("  0  failed; it goes on", driver)
        _wait_for("  1  epoch 1", driver)
        _wait_for("  0  epoch", driver)
        driver.send_signal(signal.SIGKILL)
    return [read_history(checkpoints_of(output, number)) for number in (0, 1)]


@pytest.fixture(scope="module")
def ray() -> Iterator[None]:
    """A cluster of this machine."""
    with connected(LOCAL):
        yield


@pytest.fixture(scope="module")
def trials(killed: list[History], ray: None, output: Path) -> list[Tried]:  # noqa: ARG001
    """What the same search ends with when it is begun again."""
    return search_slice.search_slice(output)


def _trains(process: psutil.Process) -> bool:
    return process.name().startswith("ray::ImplicitFu")


def _wait_for(said: str, process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any(line.startswith(said) for line in process.stdout), f"ended without {said!r}"


def _without_seconds(history: History) -> History:
    return [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in history]


def test_a_killed_search_trains_no_epoch_again(
    trials: list[Tried], killed: list[History], output: Path
) -> None:
    """Every epoch that was finished is kept, to its seconds, whoever was killed: the trial or the search."""
    assert trials
    for number, before in enumerate(killed):
        assert before
        assert read_history(checkpoints_of(output, number))[: len(before)] == before


def test_a_trial_gives_what_a_run_without_ray_gives(
    trials: list[Tried], mnist: Mnist, output: Path, tmp_path: Path
) -> None:
    """The epochs of a trial that was killed twice are those of a run that was not, here, without Ray."""
    training, validation = split_validation(mnist.train, SEARCH_CONFIG.validation_size)
    alone = fit(SEARCH_CONFIG, training=training, validation=validation, run_folder=tmp_path, identity={})
    tried = read_history(checkpoints_of(output, trials[0].number))
    assert _without_seconds(tried) == _without_seconds(alone.history)


def test_what_is_worse_is_stopped_early(trials: list[Tried]) -> None:
    """The recipe as it is is trained to its end, one that learns nothing is not."""
    assert [(trial.state, trial.epochs) for trial in trials] == [("finished", 8), ("stopped", 1)]


def test_a_search_leaves_a_table_a_plot_and_a_recipe(trials: list[Tried], output: Path) -> None:
    """The best comes first in each, and its file is the recipe that was trained."""
    table = write_trials(output, rank(reversed(trials)), config=SEARCH_CONFIG, space=SPACE)
    assert "finished" in table.splitlines()[2]
    assert (output / "trials.md").read_text() == table + "\n"
    assert [trial["number"] for trial in json.loads((output / "trials.json").read_text())["trials"]] == [0, 1]
    with Image.open(output / "trials.png") as picture:
        grey = np.asarray(picture.convert("L"))
    assert (grey.min() < 100, grey.max()) == (True, 255)
    assert with_values(SEARCH_CONFIG, read_recipe(output / "best.json")) == SEARCH_CONFIG


def test_a_folder_of_another_search_is_refused(
    trials: list[Tried], output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another space in the same folder is an error, and what is there stays."""
    assert trials
    monkeypatch.setitem(search_slice.SPACE, "width", Domain("choice", [0.5]))
    with pytest.raises(StudyMismatchError, match="another --output"):
        search_slice.search_slice(output)
    assert (output / "trial-000").exists()


def test_a_trial_that_fits_no_machine_is_refused(ray: None, output: Path) -> None:  # noqa: ARG001
    """Ray would wait for a larger machine for good."""
    with pytest.raises(ClusterError, match="a trial of 9999 cores fits no machine"):
        run_trials(print, [0], folder=output, cpus=9999, say=print)


def test_without_ray_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the command."""
    monkeypatch.setitem(sys.modules, "ray.tune", None)
    with pytest.raises(ClusterError, match=r"pip install '\.\[train,cluster\]'"):
        connected(LOCAL).__enter__()
