"""A training run ends in a complete release, or can be resumed."""

import hashlib
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from model_training.data.mnist import Mnist, split_validation
from model_training.errors import RunMismatchError
from model_training.release.release_folder import new_release, read_description
from model_training.training.fit import fit
from model_training.training.train import train
from tests.model_training import train_slice

pytestmark = pytest.mark.slow


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
    tmp_path: Path, small_release: Path, mnist: Mnist, capfd: pytest.CaptureFixture[str]
) -> None:
    """The release of a run that was killed and started again has the weights of an uninterrupted run."""
    training, validation = split_validation(mnist.train, train_slice.SLICE_CONFIG.validation_size)
    uninterrupted = fit(
        train_slice.SLICE_CONFIG, training=training, validation=validation, run_folder=tmp_path, identity={}
    )
    assert "minutes_left" in capfd.readouterr().out
    released = keras.models.load_model(small_release / "model.keras")
    for one, other in zip(uninterrupted.network.get_weights(), released.get_weights(), strict=True):
        assert np.array_equal(one, other)
    assert not small_release.with_name("small_release.run").joinpath("checkpoints").exists()


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
