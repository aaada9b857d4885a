"""A student network learns from teacher networks."""

import dataclasses
import json
from pathlib import Path
from shutil import copytree, ignore_patterns

import numpy as np
import pytest

from model_training.data.mnist import Digits, Mnist
from model_training.errors import TeacherError
from model_training.release.release_folder import read_description
from model_training.training.config import TrainingConfig
from model_training.training.distillation import find_teacher, load_teachers
from model_training.training.fit import fit
from model_training.training.loss import make_loss
from model_training.training.recipe import values_of, with_values
from tests.model_training.train_slice import SLICE_CONFIG, sample_mnist

pytestmark = pytest.mark.slow

_CONFIG = dataclasses.replace(SLICE_CONFIG, line=None, architecture="classic", epochs=5, taught_share=1.0)


def test_the_loss_is_split_between_label_and_teacher() -> None:
    """Both parts are known for a certain teacher and an uncertain student; without a teacher only one is."""
    loss = make_loss(dataclasses.replace(_CONFIG, taught_share=0.25, teaching_temperature=2.0))
    uncertain = np.zeros((1, 10), np.float32)
    soft_label = np.zeros((1, 11), np.float32)
    soft_label[0, [0, 4]] = 7, 100
    label_only = np.log(10)
    assert float(loss(np.array([7]), uncertain)[0]) == pytest.approx(label_only)
    assert float(loss(soft_label, uncertain)[0]) == pytest.approx(
        0.75 * label_only + 0.25 * 2**2 * label_only
    )


def test_a_student_can_learn_from_the_teacher_only(small_release: Path, mnist: Mnist, tmp_path: Path) -> None:
    """With only wrong labels, and the teacher's share at 1, the student learns the right digits."""
    config = dataclasses.replace(_CONFIG, teachers=(find_teacher(small_release, _CONFIG),))
    wrong = Digits(mnist.train.images, ((mnist.train.labels + 1) % 10).astype(np.uint8))
    fitted = fit(config, training=wrong, validation=mnist.test, run_folder=tmp_path, identity={})
    assert fitted.history[-1]["val_accuracy"] > 0.6


def test_the_teacher_of_a_release_without_network_is_its_reader(small_release: Path, tmp_path: Path) -> None:
    """As in the bundled release: the reader's logits are the network's, calibrated and quantised."""
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


def test_a_recipe_identifies_teachers_by_their_sha256(small_release: Path, tmp_path: Path) -> None:
    """Their paths do not matter and are not written."""
    elsewhere = copytree(small_release, tmp_path / "elsewhere")
    here, there = (
        dataclasses.replace(_CONFIG, teachers=(find_teacher(folder, _CONFIG),))
        for folder in (small_release, elsewhere)
    )
    sha256 = read_description(small_release)["files"]["model.keras"]["sha256"]
    assert here == there
    assert here.as_dict()["teachers"] == [sha256]
    assert with_values(here, values_of(here)) == here


def test_an_unsuitable_teacher_is_refused(small_release: Path, tmp_path: Path) -> None:
    """No release, another network, other held-out digits or other classes: each is an error with a reason."""
    with pytest.raises(TeacherError, match=r"nowhere holds no release: there is no release\.json"):
        find_teacher(tmp_path / "nowhere", _CONFIG)
    with pytest.raises(TeacherError, match="held out 100 digits for validation, not 99"):
        find_teacher(small_release, dataclasses.replace(_CONFIG, validation_size=99))
    refusing = TrainingConfig(validation_size=100)
    with pytest.raises(TeacherError, match="refuse non-digits"):
        find_teacher(small_release, refusing)
    changed = copytree(small_release, tmp_path / "changed")
    description = json.loads((changed / "release.json").read_text())
    earlier = description | {"training": description["training"] | {"seed": 1}}
    del earlier["training"]["teachers"]
    other = description | {"files": {"model.keras": {"sha256": "0" * 64}}}
    for text, message in (
        (json.dumps(earlier), "trained on digits held out now"),
        (json.dumps(other), r"sha256 of .*model\.keras is not"),
        ("{", r"release\.json is not valid"),
        ("[]", r"release\.json is not valid"),
    ):
        (changed / "release.json").write_text(text)
        with pytest.raises(TeacherError, match=message):
            find_teacher(changed, _CONFIG)
