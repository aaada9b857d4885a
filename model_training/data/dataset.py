"""The stream of training batches: a pure function of seed and epoch, so that a resumed run sees the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from model_training.data.augmentation import Augmentation, random_affine, random_cut
from model_training.data.mnist import Digits

_PARALLEL_BATCHES = 2
NO_DIGIT = 10  # the label of what is no digit


@dataclass(frozen=True)
class Source:
    """Pictures of one kind, and how many of them each batch holds."""

    digits: Digits
    count: int


def steps_per_epoch(sources: Sequence[Source]) -> int:
    """Whole batches in one pass over the first source; what fills no batch waits for another shuffle."""
    return len(sources[0].digits) // sources[0].count


def training_batches(
    sources: Sequence[Source],
    augmentation: Augmentation,
    *,
    seed: int,
    first_epoch: int,
    last_epoch: int,
) -> tf.data.Dataset:
    """Shuffled, augmented batches of the epochs from `first_epoch` up to, not including, `last_epoch`.

    Every random draw is stateless, from seed, epoch and step: nothing depends on what ran before.

    Returns:
        Batches of images float32 (n, 28, 28, 1) in 0..1 and labels int32 (n,), 0..9 or NO_DIGIT, where n is
        the sum of the sources' counts.
    """
    images = tf.constant(np.concatenate([source.digits.images for source in sources])[..., None])
    labels = tf.constant(np.concatenate([source.digits.labels for source in sources]))
    sizes = [len(source.digits) for source in sources]
    steps = steps_per_epoch(sources)

    def rows_of(epoch: tf.Tensor) -> tf.data.Dataset:
        columns, first = [], 0
        for number, (source, size) in enumerate(zip(sources, sizes, strict=True)):
            order_seed = tf.stack([tf.constant(seed, tf.int64), epoch * len(sources) + number])
            order = first + tf.random.experimental.stateless_shuffle(tf.range(size), order_seed)
            # A source that is too small for an epoch is gone through again.
            taken = tf.gather(order, tf.range(steps * source.count) % size)
            columns.append(tf.reshape(taken, (steps, source.count)))
            first += size
        return tf.data.Dataset.from_tensor_slices(tf.concat(columns, axis=1)).enumerate(epoch * steps)

    def batch_of(step: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        picked = tf.cast(tf.gather(images, rows), tf.float32) / 255.0
        # The constant keeps these draws apart from those of the shuffle.
        draw_seed = tf.random.experimental.stateless_fold_in(tf.constant([seed, 1], tf.int64), step)
        varied = random_affine(picked, augmentation, seed=draw_seed)
        varied = random_cut(varied, augmentation, seed=tf.random.experimental.stateless_fold_in(draw_seed, 1))
        return varied, tf.cast(tf.gather(labels, rows), tf.int32)

    epochs = tf.data.Dataset.range(first_epoch, last_epoch)
    batches = epochs.flat_map(rows_of).map(batch_of, num_parallel_calls=_PARALLEL_BATCHES).prefetch(4)
    options = tf.data.Options()
    options.autotune.enabled = (
        False  # its thread sleeps for up to a minute, and the end of a run waits for it
    )
    return batches.with_options(options)
