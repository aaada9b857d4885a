"""Training batches depend on seed, epoch and step only."""

import numpy as np
import pytest
import tensorflow as tf

from model_training.data.mnist import Digits, Mnist
from model_training.training.augmentation import random_cut, random_warp
from model_training.training.batches import Source, make_sources, training_batches
from model_training.training.config import Augmentation, TrainingConfig

pytestmark = pytest.mark.slow

_STILL = Augmentation(rotation=0, shear=0, scale=0, shift=0, elastic=0, cut=0)


def _batches(mnist: Mnist, *, first: int, last: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    batches = training_batches(
        [Source(mnist.test, 64)], Augmentation(), seed=seed, first_epoch=first, last_epoch=last
    )
    return list(batches.as_numpy_iterator())


def test_batches_depend_on_seed_and_epoch_only(mnist: Mnist) -> None:
    """Epoch 2 of a resumed run equals that of an uninterrupted run; other epochs and seeds give others."""
    whole, resumed = _batches(mnist, first=0, last=3), _batches(mnist, first=2, last=3)
    assert len(whole) == 9
    for (images, labels), (images_again, labels_again) in zip(whole[6:], resumed, strict=True):
        assert np.array_equal(images, images_again)
        assert np.array_equal(labels, labels_again)
    for images, labels in (whole[3], _batches(mnist, first=0, last=1, seed=1)[0]):
        assert not np.array_equal(whole[0][0], images)
        assert not np.array_equal(whole[0][1], labels)


def test_an_epoch_contains_each_digit_once_with_its_label(mnist: Mnist) -> None:
    """Without augmentation, an epoch holds the original digits, each once, with their labels."""
    batches = training_batches([Source(mnist.test, 50)], _STILL, seed=0, first_epoch=0, last_epoch=1)
    shown = {
        image.tobytes(): label
        for images, labels in batches.as_numpy_iterator()
        for image, label in zip(np.round(images * 255).astype(np.uint8), labels, strict=True)
    }
    expected = {
        image.tobytes(): label for image, label in zip(mnist.test.images, mnist.test.labels, strict=True)
    }
    assert shown == expected


def test_each_source_has_its_share_of_each_batch(mnist: Mnist) -> None:
    """Every batch holds the requested count of each source, and a small source is repeated."""
    few = Digits(mnist.test.images[:7], np.full(7, 10, np.uint8))
    sources = [Source(mnist.test, 20), Source(few, 5)]
    batches = list(training_batches(sources, _STILL, seed=0, first_epoch=0, last_epoch=2).as_numpy_iterator())
    assert len(batches) == 20
    for _, labels in batches:
        assert (labels == 10).sum() == 5
        assert len(labels) == 25
    shown = {image.tobytes() for images, labels in batches for image in images[labels == 10]}
    assert len(shown) == 7


def test_shares_that_leave_no_room_for_mnist_are_refused(mnist: Mnist) -> None:
    """Shares that fill the batch are an error that names them."""
    config = TrainingConfig(
        drawn_share=0.6, cluttered_share=0.1, non_digit_share=0.3, redrawn_share=0.0, pen_share=0.0
    )
    with pytest.raises(
        ValueError, match=r"drawn_share 0\.6, cluttered_share 0\.1, non_digit_share 0\.3 leave no"
    ):
        make_sources(config, mnist.train)


def test_shifts_stay_within_their_limit() -> None:
    """A shifted square keeps its ink and moves at most by the limit."""
    square = np.zeros((200, 28, 28, 1), np.float32)
    square[:, 12:16, 12:16] = 1.0
    shift = Augmentation(rotation=0, shear=0, scale=0, shift=2.5, elastic=0)
    moved = random_warp(tf.constant(square), shift, seed=tf.constant([1, 2])).numpy()[..., 0]
    assert np.allclose(moved.sum(axis=(1, 2)), 16.0, atol=1e-3)
    middles = (moved.sum(axis=1) * np.arange(28)).sum(axis=1) / 16.0 - 13.5
    assert np.abs(middles).max() <= 2.5 + 1e-3
    assert middles.std() > 1.0


def test_rotation_keeps_the_centre_and_the_size() -> None:
    """A rotated disc stays the same."""
    y, x = np.mgrid[:28, :28] - 13.5
    disc = (np.hypot(x, y) < 8).astype(np.float32)
    turned = random_warp(
        tf.constant(np.repeat(disc[None, ..., None], 50, axis=0)),
        Augmentation(rotation=45, shear=0, scale=0, shift=0, elastic=0),
        seed=tf.constant([0, 0]),
    ).numpy()[..., 0]
    assert np.abs(turned.sum(axis=(1, 2)) - disc.sum()).max() < 0.03 * disc.sum()
    assert np.abs(turned - disc).mean(axis=(1, 2)).max() < 0.05


def test_bends_are_smooth_and_of_the_requested_size() -> None:
    """A bent ramp is moved by about the requested amount, differently in each image, neighbours alike."""
    ramp = np.repeat(np.arange(28, dtype=np.float32)[None, :], 28, axis=0)
    bent = random_warp(
        tf.constant(np.repeat(ramp[None, ..., None], 300, axis=0)),
        Augmentation(rotation=0, shear=0, scale=0, shift=0, elastic=0.8),
        seed=tf.constant([5, 6]),
    ).numpy()[:, 4:-4, 4:-4, 0]
    moved = bent - ramp[4:-4, 4:-4]
    assert 0.75 < moved.std() < 0.85
    assert moved.std(axis=0).min() > 0.6
    assert np.abs(np.diff(moved, axis=1)).mean() < 0.2


def test_cuts_affect_the_requested_share_of_images() -> None:
    """About half of the full squares lose ink, none more than the widest cut, and none gains any."""
    full = np.ones((400, 28, 28, 1), np.float32)
    cut = random_cut(
        tf.constant(full), Augmentation(cut=0.5, cut_width=2.5), seed=tf.constant([3, 4])
    ).numpy()[..., 0]
    lost = (1.0 - cut).sum(axis=(1, 2))
    assert 0.4 < (lost > 0).mean() < 0.6
    assert (cut <= 1).all()
    assert lost.max() < 28 * np.sqrt(2) * 3.5
