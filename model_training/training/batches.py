"""Training batches: the sources of images by the shares of the recipe, shuffled and varied.

The batches are a pure function of seed and epoch, so that a resumed run gets the same ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from model_training.data.clutter import clutter
from model_training.data.handwriting import draw_digits, redraw
from model_training.data.ink import crop
from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.data.pen_digits import PenDigit
from model_training.data.skeletons import trace_strokes
from model_training.training.augmentation import random_cut, random_warp
from model_training.training.config import Augmentation, TrainingConfig

NO_DIGIT = 255  # label of the images that show no digit, more than there are digits
_CLUTTERED_SEED = 2_000_000  # added to the run's seed, so that these drawings differ from the others
_PARALLEL_BATCHES = 2


@dataclass(frozen=True)
class Source:
    """Images of one kind, and how many of them each batch contains."""

    digits: Digits
    count: int


def make_sources(
    config: TrainingConfig, training: Digits, pen_digits: Sequence[PenDigit] = ()
) -> list[Source]:
    """Return the sources of the batches, MNIST's `training` digits first."""
    mnist, redrawn, pens, drawn, cluttered, non_digits = count_sources(config)
    if not pen_digits:
        redrawn, pens = redrawn + pens, 0
    sources = [Source(training, mnist)]
    generator = np.random.default_rng([config.seed, 2])
    if redrawn:
        rows = np.arange(config.redrawn_digits) % len(training)
        strokes = [trace_strokes(crop(image)) for image in training.images[: config.redrawn_digits]]
        images = redraw([strokes[row] for row in rows], generator=generator)
        sources.append(Source(Digits(images, training.labels[rows]), redrawn))
    if pens:
        written = [pen_digits[row % len(pen_digits)] for row in range(config.pen_drawings)]
        images = redraw([digit.strokes for digit in written], generator=generator)
        sources.append(Source(Digits(images, np.array([digit.label for digit in written], np.uint8)), pens))
    if drawn:
        sources.append(Source(draw_digits(config.drawn_digits, seed=config.seed), drawn))
    if cluttered:
        sources.append(Source(_clutter(training, config), cluttered))
    if non_digits:
        images = draw_non_digits(config.non_digits, training, seed=config.seed)
        sources.append(Source(Digits(images, np.full(len(images), NO_DIGIT, np.uint8)), non_digits))
    return sources


def count_sources(config: TrainingConfig) -> tuple[int, int, int, int, int, int]:
    """Return how many images of a batch are MNIST, redrawn, by pens, drawn, cluttered and non-digits.

    Raises:
        ValueError: the shares leave no room for MNIST.
    """
    names = ("redrawn_share", "pen_share", "drawn_share", "cluttered_share", "non_digit_share")
    redrawn, pens, drawn, cluttered, refused = (round(getattr(config, n) * config.batch_size) for n in names)
    mnist = config.batch_size - redrawn - pens - drawn - cluttered - refused
    if mnist < 1:
        given = ", ".join(f"{name} {getattr(config, name):g}" for name in names)
        raise ValueError(f"{given} leave no room for MNIST in a batch")
    return mnist, redrawn, pens, drawn, cluttered, refused


def steps_per_epoch(sources: Sequence[Source]) -> int:
    """Return the number of whole batches in one pass over the first source."""
    return len(sources[0].digits) // sources[0].count


def training_batches(
    sources: Sequence[Source],
    augmentation: Augmentation,
    *,
    seed: int,
    first_epoch: int,
    last_epoch: int,
    steps: int | None = None,
) -> tf.data.Dataset:
    """Return shuffled, augmented batches of the epochs from `first_epoch` up to, not including, `last_epoch`.

    An epoch has `steps` batches, by default as many as one pass over the first source. Every random draw is
    stateless and depends on seed, epoch and step only.

    Returns:
        Batches of images float32 (n, 28, 28, 1) in 0..1 and labels int32 (n,), 0..9 or NO_DIGIT, where n is
        the sum of the sources' counts.
    """
    images = tf.constant(np.concatenate([source.digits.images for source in sources])[..., None])
    labels = tf.constant(np.concatenate([source.digits.labels for source in sources]))
    steps = steps or steps_per_epoch(sources)

    def rows_of(epoch: tf.Tensor) -> tf.data.Dataset:
        columns, first = [], 0
        for number, source in enumerate(sources):
            size = len(source.digits)
            order_seed = tf.stack([tf.constant(seed, tf.int64), epoch * len(sources) + number])
            order = first + tf.random.experimental.stateless_shuffle(tf.range(size), order_seed)
            # A source that is too small for an epoch is repeated.
            taken = tf.gather(order, tf.range(steps * source.count) % size)
            columns.append(tf.reshape(taken, (steps, source.count)))
            first += size
        return tf.data.Dataset.from_tensor_slices(tf.concat(columns, axis=1)).enumerate(epoch * steps)

    def batch_of(step: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        batch = tf.cast(tf.gather(images, rows), tf.float32) / 255.0
        # The constant keeps these draws apart from those of the shuffle.
        draw_seed = tf.random.experimental.stateless_fold_in(tf.constant([seed, 1], tf.int64), step)
        varied = random_warp(batch, augmentation, seed=draw_seed)
        varied = random_cut(varied, augmentation, seed=tf.random.experimental.stateless_fold_in(draw_seed, 1))
        return varied, tf.cast(tf.gather(labels, rows), tf.int32)

    epochs = tf.data.Dataset.range(first_epoch, last_epoch)
    batches = epochs.flat_map(rows_of).map(batch_of, num_parallel_calls=_PARALLEL_BATCHES).prefetch(4)
    options = tf.data.Options()
    options.autotune.enabled = False  # its thread can delay the end of a run by a minute
    return batches.with_options(options)


def _clutter(training: Digits, config: TrainingConfig) -> Digits:
    """Return cluttered digits, half of them `training` digits, half drawn ones."""
    generator = np.random.default_rng([config.seed, 3])
    half = config.cluttered_digits // 2
    mnist = training.rows(generator.permutation(len(training))[:half])
    drawn = draw_digits(half, seed=config.seed + _CLUTTERED_SEED)
    both = Digits(np.concatenate([mnist.images, drawn.images]), np.concatenate([mnist.labels, drawn.labels]))
    return clutter(both, config.cluttered_digits, generator=generator)
