"""Distillation: train a student network with the soft targets of teacher networks.

"Distilling the Knowledge in a Neural Network" (Hinton, Vinyals and Dean, 2015). Teachers and student get the
same augmented images; a temperature softens the logits of both.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf


def add_soft_targets(batches: tf.data.Dataset, teachers: Sequence[keras.Model]) -> tf.data.Dataset:
    """Return `batches` with labels float32 (n, 11): the label and the mean of the teachers' logits."""

    def add(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        logits = tf.add_n([teacher(images, training=False) for teacher in teachers]) / len(teachers)
        return images, tf.concat([tf.cast(labels, tf.float32)[:, None], logits], axis=1)

    return batches.map(add).prefetch(2)
