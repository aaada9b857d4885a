"""A training run ends in a complete release, or can be resumed."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from model_training.data.mnist import Mnist
from model_training.errors import RunMismatchError
from model_training.release.release_folder import new_release, read_description
from model_training.training.train import train
from tests.model_training import train_slice

pytestmark = pytest.mark.slow

_PROJECT = Path(__file__).parents[2]


def _start(output: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(_PROJECT)}
    return subprocess.Popen([sys.executable, train_slice.__file__, str(output)], env=environment)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, "the training ended early"
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.01)


def test_a_release_is_complete(small_release: Path) -> None:
    """All files exist, and release.json has the size and sha256 of each."""
    description = read_description(small_release)
    found = {p.relative_to(small_release).as_posix() for p in small_release.rglob("*") if p.is_file()}
    readers = {"model.keras", "reader.tflite", "line_model.keras", "line_reader.tflite"}
    assert readers | {"README.md", "figures/confusion.png", ".eval_results/mnist.yaml"} <= found
    assert "MNIST" in {data["name"] for data in description["data"]}
    assert set(description["files"]) == found - {"release.json"}
    for name, fingerprint in description["files"].items():
        data = (small_release / name).read_bytes()
        assert fingerprint == {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def test_the_released_accuracy_is_that_of_the_released_network(small_release: Path, mnist: Mnist) -> None:
    """model.keras, loaded and scored again, has the accuracy in release.json."""
    network = keras.models.load_model(small_release / "model.keras")
    predicted = network.predict(mnist.test.images[..., None] / np.float32(255), verbose=0).argmax(axis=1)
    claimed = {
        metric["metric"]: metric["value"]
        for metric in read_description(small_release)["metrics"]
        if metric["dataset"] == "MNIST test"
    }
    assert claimed["accuracy"] == pytest.approx((predicted == mnist.test.labels).mean())
    assert claimed["accuracy_through_reader"] == pytest.approx(claimed["accuracy"], abs=0.005)
    assert claimed["accuracy"] > 0.5  # far above chance, after 700 digits


def test_figures_are_not_blank(small_release: Path) -> None:
    """The figures are PNG files with ink and paper."""
    for name in ("samples", "augmented", "curves", "confusion", "mistakes"):
        with Image.open(small_release / "figures" / f"{name}.png") as picture:
            grey = np.asarray(picture.convert("L"))
            assert grey.min() < 100
            assert grey.max() == 255
            assert min(picture.size) > 200


def test_a_resumed_run_gives_the_same_network(
    tmp_path: Path, small_release: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A run killed after its second epoch and started again gives the same weights and metrics."""
    output = tmp_path / "killed"
    process = _start(output)
    _wait_for(tmp_path / "killed.run" / "checkpoints" / "epoch-0002", process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not output.exists()
    train_slice.train_slice(output)
    assert "minutes_left" in capfd.readouterr().out
    assert read_description(output)["metrics"] == read_description(small_release)["metrics"]
    weights = [
        keras.models.load_model(folder / "model.keras").get_weights() for folder in (output, small_release)
    ]
    for resumed, uninterrupted in zip(*weights, strict=True):
        assert np.array_equal(resumed, uninterrupted)
    assert not (tmp_path / "killed.run" / "checkpoints").exists()


def test_a_finished_release_is_not_overwritten(small_release: Path, mnist: Mnist) -> None:
    """Training to an existing folder is an error, and the folder stays unchanged."""
    before = (small_release / "release.json").read_bytes()
    with pytest.raises(FileExistsError, match="exists already"):
        train(train_slice.SLICE_CONFIG, mnist, output=small_release)
    assert (small_release / "release.json").read_bytes() == before


def test_an_unfinished_run_of_another_recipe_is_refused(tmp_path: Path, mnist: Mnist) -> None:
    """Checkpoints of another configuration are neither used nor deleted."""
    checkpoints = tmp_path / "run.run" / "checkpoints"
    checkpoints.mkdir(parents=True)
    (checkpoints / "run.json").write_text('{"seed": 1}')
    with pytest.raises(RunMismatchError, match="another configuration"):
        train(train_slice.SLICE_CONFIG, mnist, output=tmp_path / "run")
    assert (checkpoints / "run.json").read_text() == '{"seed": 1}'
    assert not (tmp_path / "run").exists()


def test_an_interrupted_release_folder_does_not_appear(tmp_path: Path) -> None:
    """After an error during writing the folder does not exist, and the next try succeeds."""
    output = tmp_path / "release"
    with pytest.raises(FileExistsError), new_release(output) as folder:
        folder.mkdir()
    assert not output.exists()
    (tmp_path / "release.partial" / "model.keras").write_bytes(b"half")
    with new_release(output) as folder:
        assert list(folder.iterdir()) == []
    assert output.exists()
