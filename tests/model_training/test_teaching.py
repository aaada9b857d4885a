"""A network can learn from the answers of trained ones."""

import dataclasses
import json
from pathlib import Path
from shutil import copytree, ignore_patterns

import numpy as np
import pytest

from model_training.data.mnist import Digits, Mnist
from model_training.release.release_folder import read_description
from model_training.training.config import TrainingConfig
from model_training.training.fit import fit
from model_training.training.loss import make_loss
from model_training.training.recipe import values_of, with_values
from model_training.training.teaching import TeacherError, find_teacher, load_teachers
from tests.model_training.train_slice import SLICE_CONFIG, sample_mnist

_CONFIG = dataclasses.replace(SLICE_CONFIG, architecture="classic", epochs=5, taught_share=1.0)


def test_the_loss_is_parted_between_label_and_teacher() -> None:
    """Of a sure teacher and an unsure network both parts are known; without a teacher the label is all."""
    loss = make_loss(dataclasses.replace(_CONFIG, taught_share=0.25, teaching_temperature=2.0))
    unsure = np.zeros((1, 10), np.float32)
    says_three = np.zeros((1, 11), np.float32)
    says_three[0, [0, 4]] = 7, 100
    alone = np.log(10)
    assert float(loss(np.array([7]), unsure)[0]) == pytest.approx(alone)
    assert float(loss(says_three, unsure)[0]) == pytest.approx(0.75 * alone + 0.25 * 2**2 * alone)


def test_a_network_learns_from_its_teacher_alone(small_release: Path, mnist: Mnist, tmp_path: Path) -> None:
    """With wrong labels on every digit, and a teacher who is heard alone, the right digits are learnt."""
    config = dataclasses.replace(_CONFIG, teachers=(find_teacher(small_release, _CONFIG),))
    wrong = Digits(mnist.train.images, ((mnist.train.labels + 1) % 10).astype(np.uint8))
    fitted = fit(config, training=wrong, validation=mnist.test, run_folder=tmp_path, identity={})
    assert fitted.history[-1]["val_accuracy"] > 0.6


def test_a_release_without_its_network_teaches_by_its_reader(small_release: Path, tmp_path: Path) -> None:
    """As the app's own does: what it says is what the network says, calibrated and rounded."""
    bare = copytree(small_release, tmp_path / "bare", ignore=ignore_patterns("model.keras"))
    config = dataclasses.replace(_CONFIG, architecture="residual")
    teachers = tuple(find_teacher(folder, config) for folder in (bare, small_release))
    assert teachers[0].sha256 == read_description(bare)["files"]["reader.tflite"]["sha256"]
    pictures = sample_mnist().test.images[..., None] / np.float32(255)
    read, network = (
        teacher.predict(pictures, verbose=0)
        for teacher in load_teachers(dataclasses.replace(config, teachers=teachers), dtype="float32")
    )
    assert np.abs(read - network / read_description(bare)["temperature"]).mean() < 0.05
    assert (read.argmax(axis=1) == network.argmax(axis=1)).mean() > 0.98


def test_what_a_recipe_says_of_its_teachers_is_what_they_are(small_release: Path, tmp_path: Path) -> None:
    """Their sha256 stands for them, wherever they lie; no path is told."""
    elsewhere = copytree(small_release, tmp_path / "elsewhere")
    here, there = (
        dataclasses.replace(_CONFIG, teachers=(find_teacher(folder, _CONFIG),))
        for folder in (small_release, elsewhere)
    )
    sha256 = read_description(small_release)["files"]["model.keras"]["sha256"]
    assert here == there
    assert here.as_dict()["teachers"] == [sha256]
    assert with_values(here, values_of(here)) == here


def test_who_cannot_teach_is_refused(small_release: Path, tmp_path: Path) -> None:
    """No release, another network, one that learnt what is held out, other classes: each is told by name."""
    with pytest.raises(TeacherError, match=r"nowhere holds no release: there is no release\.json"):
        find_teacher(tmp_path / "nowhere", _CONFIG)
    with pytest.raises(TeacherError, match="held out 100 digits for validation, not 99"):
        find_teacher(small_release, dataclasses.replace(_CONFIG, validation_size=99))
    refusing = TrainingConfig(validation_size=100)
    with pytest.raises(TeacherError, match="one knows what is no digit, the other does not"):
        find_teacher(small_release, refusing)
    changed = copytree(small_release, tmp_path / "changed")
    description = json.loads((changed / "release.json").read_text())
    earlier = description | {"training": description["training"] | {"seed": 1}}
    del earlier["training"]["teachers"]
    other = description | {"files": {"model.keras": {"sha256": "0" * 64}}}
    for text, told in (
        (json.dumps(earlier), "learnt from digits that are held out now"),
        (json.dumps(other), r"model\.keras is not what .* release\.json tells of"),
        ("{", r"release\.json is not that of a release"),
        ("[]", r"release\.json is not that of a release"),
    ):
        (changed / "release.json").write_text(text)
        with pytest.raises(TeacherError, match=told):
            find_teacher(changed, _CONFIG)
