"""Training batches depend on seed, epoch and step alone."""

import numpy as np
import tensorflow as tf

from model_training.data.augmentation import Augmentation, random_affine, random_cut
from model_training.data.dataset import Source, training_batches
from model_training.data.mnist import Digits, Mnist

_STILL = Augmentation(rotation=0, shear=0, scale=0, shift=0, cut=0)


def _batches(mnist: Mnist, *, first: int, last: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    batches = training_batches(
        [Source(mnist.test, 64)], Augmentation(), seed=seed, first_epoch=first, last_epoch=last
    )
    return list(batches.as_numpy_iterator())


def test_a_resumed_epoch_sees_the_same_batches(mnist: Mnist) -> None:
    """Epoch 2 begun afresh equals epoch 2 of a run that went through epochs 0 and 1."""
    whole, resumed = _batches(mnist, first=0, last=3), _batches(mnist, first=2, last=3)
    assert len(whole) == 9
    for (images, labels), (images_again, labels_again) in zip(whole[6:], resumed, strict=True):
        assert np.array_equal(images, images_again)
        assert np.array_equal(labels, labels_again)


def test_epochs_and_seeds_differ(mnist: Mnist) -> None:
    """Another epoch, or another seed, gives other pictures in another order."""
    first, second = (_batches(mnist, first=epoch, last=epoch + 1)[0] for epoch in (0, 1))
    other_seed = _batches(mnist, first=0, last=1, seed=1)[0]
    for other in (second, other_seed):
        assert not np.array_equal(first[0], other[0])
        assert not np.array_equal(first[1], other[1])


def test_an_epoch_shows_each_digit_once_with_its_label(mnist: Mnist) -> None:
    """Without variation, an epoch holds the digits themselves, none twice, each with its own label."""
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
    """Every batch holds the count asked for of each source, and a small source is gone through again."""
    few = Digits(mnist.test.images[:7], np.full(7, 10, np.uint8))
    sources = [Source(mnist.test, 20), Source(few, 5)]
    batches = list(training_batches(sources, _STILL, seed=0, first_epoch=0, last_epoch=2).as_numpy_iterator())
    assert len(batches) == 20
    for _, labels in batches:
        assert (labels == 10).sum() == 5
        assert len(labels) == 25
    shown = {image.tobytes() for images, labels in batches for image in images[labels == 10]}
    assert len(shown) == 7


def test_variation_stays_within_its_limits() -> None:
    """A centred square, varied by shifts alone, keeps its ink and moves by no more than the limit."""
    square = np.zeros((200, 28, 28, 1), np.float32)
    square[:, 12:16, 12:16] = 1.0
    shift = Augmentation(rotation=0, shear=0, scale=0, shift=2.5)
    moved = random_affine(tf.constant(square), shift, seed=tf.constant([1, 2])).numpy()[..., 0]
    assert np.allclose(moved.sum(axis=(1, 2)), 16.0, atol=1e-3)
    middles = (moved.sum(axis=1) * np.arange(28)).sum(axis=1) / 16.0 - 13.5
    assert np.abs(middles).max() <= 2.5 + 1e-3
    assert middles.std() > 1.0


def test_turning_keeps_the_centre_and_the_size() -> None:
    """Under rotation alone a centred disc stays what it is."""
    y, x = np.mgrid[:28, :28] - 13.5
    disc = (np.hypot(x, y) < 8).astype(np.float32)
    turned = random_affine(
        tf.constant(np.repeat(disc[None, ..., None], 50, axis=0)),
        Augmentation(rotation=45, shear=0, scale=0, shift=0),
        seed=tf.constant([0, 0]),
    ).numpy()[..., 0]
    assert np.abs(turned.sum(axis=(1, 2)) - disc.sum()).max() < 0.03 * disc.sum()
    assert np.abs(turned - disc).mean(axis=(1, 2)).max() < 0.05


def test_a_cut_breaks_the_asked_share_of_pictures_and_leaves_the_rest() -> None:
    """Of full squares about half lose ink, none more than the widest cut can take, and none gains any."""
    full = np.ones((400, 28, 28, 1), np.float32)
    cut = random_cut(
        tf.constant(full), Augmentation(cut=0.5, cut_width=2.5), seed=tf.constant([3, 4])
    ).numpy()[..., 0]
    lost = (1.0 - cut).sum(axis=(1, 2))
    assert 0.4 < (lost > 0).mean() < 0.6
    assert (cut <= 1).all()
    assert lost.max() < 28 * np.sqrt(2) * 3.5
