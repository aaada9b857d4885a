"""The stream of training batches: a pure function of seed and epoch, so that a resumed run sees the same."""

import tensorflow as tf

from model_training.data.augmentation import Augmentation, random_affine
from model_training.data.mnist import Digits


def steps_per_epoch(digits: Digits, batch_size: int) -> int:
    """Whole batches in one pass over `digits`; the rest that fills no batch waits for another shuffle."""
    return len(digits) // batch_size


def training_batches(
    digits: Digits,
    augmentation: Augmentation,
    *,
    batch_size: int,
    seed: int,
    first_epoch: int,
    last_epoch: int,
) -> tf.data.Dataset:
    """Shuffled, augmented batches of the epochs from `first_epoch` up to, not including, `last_epoch`.

    Every random draw is stateless, from seed, epoch and step: nothing depends on what ran before.

    Returns:
        Batches of images float32 (batch_size, 28, 28, 1) in 0..1 and labels int32 (batch_size,).
    """
    images, labels = tf.constant(digits.images[..., None]), tf.constant(digits.labels)
    steps = steps_per_epoch(digits, batch_size)

    def rows_of(epoch: tf.Tensor) -> tf.data.Dataset:
        order_seed = tf.stack([tf.constant(seed, tf.int64), epoch])
        order = tf.random.experimental.stateless_shuffle(tf.range(len(digits)), order_seed)
        rows = tf.data.Dataset.from_tensor_slices(order).batch(batch_size, drop_remainder=True)
        return rows.enumerate(epoch * steps)

    def batch_of(step: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        picked = tf.cast(tf.gather(images, rows), tf.float32) / 255.0
        # The constant keeps these draws apart from those of the shuffle.
        draw_seed = tf.random.experimental.stateless_fold_in(tf.constant([seed, 1], tf.int64), step)
        varied = random_affine(picked, augmentation, seed=draw_seed)
        return varied, tf.cast(tf.gather(labels, rows), tf.int32)

    epochs = tf.data.Dataset.range(first_epoch, last_epoch)
    return epochs.flat_map(rows_of).map(batch_of, num_parallel_calls=tf.data.AUTOTUNE).prefetch(4)
