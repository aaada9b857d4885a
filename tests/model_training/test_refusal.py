"""A network trained with non-digits refuses them, from the loss to the reader."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from model_training.data.mnist import Mnist, split_validation
from model_training.data.non_digits import draw_non_digits
from model_training.release.reader_export import export_reader, ink_of, read_ink
from model_training.training.fit import fit
from model_training.training.loss import make_accuracy, make_loss
from tests.model_training.train_slice import SLICE_CONFIG

pytestmark = pytest.mark.slow

_CONFIG = dataclasses.replace(
    SLICE_CONFIG,
    line=None,
    architecture="classic",
    epochs=6,
    batch_size=32,
    drawn_share=0.2,
    non_digit_share=0.3,
    redrawn_share=0.1,
    pen_share=0.0,
    cluttered_share=0.1,
    drawn_digits=600,
    non_digits=300,
    redrawn_digits=100,
    cluttered_digits=100,
)


def test_loss_and_accuracy_of_known_logits() -> None:
    """With zero logits all eleven classes are equally likely; ten strongly negative ones mean "no digit"."""
    loss, accuracy = make_loss(_CONFIG), make_accuracy(_CONFIG)
    zeros = np.zeros((2, 10), np.float32)
    assert np.allclose(loss(np.array([3, 10]), zeros), np.log(11))
    logits = np.full((2, 10), -9, np.float32)
    logits[0, 3] = 9
    assert np.array_equal(accuracy(np.array([3, 10]), logits), [1, 1])
    assert np.array_equal(accuracy(np.array([10, 4]), logits), [0, 0])
    assert np.all(loss(np.array([3, 10]), logits).numpy() < 0.01)


def test_the_reader_scores_digits_above_non_digits(tmp_path: Path, mnist: Mnist) -> None:
    """The score is the sigmoid of the logits' logsumexp, and mostly lower for new non-digits."""
    training, validation = split_validation(mnist.train, _CONFIG.validation_size)
    network = fit(
        _CONFIG, training=training, validation=validation, run_folder=tmp_path / "run", identity={}
    ).network
    reader, images = tmp_path / "reader.tflite", mnist.test.images
    export_reader(network, reader, temperature=1.0, refuses=True)
    logits = network.predict(images[..., None] / np.float32(255), verbose=0)
    digit_scores = read_ink(reader, ink_of(images)).digit_score
    assert np.abs(digit_scores - expit(logsumexp(logits, axis=1)))[:50].max() < 1e-2
    other_scores = read_ink(reader, ink_of(draw_non_digits(200, mnist.test, seed=99))).digit_score
    assert (digit_scores[:, None] > other_scores[None]).mean() > 0.8
