"""A student network learns from teacher networks."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from model_training.data.mnist import Mnist
from model_training.training.config import TrainingConfig
from model_training.training.distillation import add_soft_targets
from model_training.training.fit import fit
from model_training.training.loss import make_loss
from tests.model_training.train_slice import SLICE_CONFIG


def test_the_loss_is_split_between_label_and_teacher() -> None:
    """Both parts are known for a certain teacher and an uncertain student; without a teacher only one is."""
    loss = make_loss(TrainingConfig(non_digit_share=0.0, taught_share=0.25, teaching_temperature=2.0))
    uncertain = np.zeros((1, 10), np.float32)
    soft_label = np.zeros((1, 11), np.float32)
    soft_label[0, [0, 4]] = 7, 100
    label_only = np.log(10)
    assert float(loss(np.array([7]), uncertain)[0]) == pytest.approx(label_only)
    assert float(loss(soft_label, uncertain)[0]) == pytest.approx(
        0.75 * label_only + 0.25 * 2**2 * label_only
    )


def test_soft_targets_are_the_mean_of_the_teachers() -> None:
    """For the images that the student gets, beside their labels."""
    images, labels = np.random.default_rng(0).random((6, 10)).astype(np.float32), np.arange(6, dtype=np.int32)
    teachers = [lambda batch, training: batch, lambda batch, training: 3 * batch]  # noqa: ARG005
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(3)
    for number, (batch, targets) in enumerate(add_soft_targets(batches, teachers)):
        assert np.array_equal(batch, images[3 * number : 3 * number + 3])
        assert np.array_equal(targets[:, 0], labels[3 * number : 3 * number + 3])
        assert np.allclose(targets[:, 1:], 2 * batch)


def test_a_run_trains_its_teacher_once(mnist: Mnist, tmp_path: Path) -> None:
    """Started again, a run whose teacher has finished goes on from there, and ends with the same network."""
    config = dataclasses.replace(SLICE_CONFIG, architecture="classic", epochs=1, teachers=1, line=None)

    def run() -> list[np.ndarray]:
        fitted = fit(config, training=mnist.train, validation=mnist.test, run_folder=tmp_path, identity={})
        assert len(fitted.history) == 1
        return list(fitted.network.get_weights())

    first = run()
    [teacher] = tmp_path.glob("teacher-1/checkpoints/epoch-0001")
    before = teacher.stat().st_mtime_ns
    shutil.rmtree(tmp_path / "checkpoints" / "epoch-0001")
    again = run()
    assert teacher.stat().st_mtime_ns == before
    assert all(map(np.array_equal, first, again))
