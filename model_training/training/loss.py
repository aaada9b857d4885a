"""Loss and accuracy, with the "no digit" class and with distillation.

"No digit" is a further class whose logit is always zero; the network keeps a logit for each digit. The
logsumexp of these is then the logit of "digit", and its sigmoid is the reader's digit score.

Labels are 0..9 or NO_DIGIT, int32 (n,); with distillation, float32 (n, 11): the label, then the teachers' ten
logits (see distillation.py). Logits are float32 (n, 10). For other numerals, there are as many as labels.
"""

from collections.abc import Callable

import tensorflow as tf

from model_training.training.batches import NO_DIGIT
from model_training.training.config import TrainingConfig

LabelsAndLogits = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def make_loss(config: TrainingConfig) -> LabelsAndLogits:
    """Return the loss (n,): cross-entropy with the label and, with distillation, with the teachers."""
    all_logits, share, temperature = _all_logits(config), config.taught_share, config.teaching_temperature

    def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        hard = tf.nn.sparse_softmax_cross_entropy_with_logits(_classes(labels, logits), all_logits(logits))
        if len(labels.shape) == 1:  # no distillation
            return hard
        teacher = tf.nn.softmax(all_logits(labels[:, 1:]) / temperature)
        soft = tf.nn.softmax_cross_entropy_with_logits(teacher, all_logits(logits) / temperature)
        # Soft targets scale the gradients by 1 / temperature^2 (Hinton, Vinyals and Dean, 2015).
        return (1 - share) * hard + share * temperature**2 * soft

    return loss


def make_accuracy(config: TrainingConfig) -> LabelsAndLogits:
    """Return the accuracy (n,), 0 or 1; "no digit" counts as a class."""
    all_logits = _all_logits(config)

    def accuracy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        predicted = tf.argmax(all_logits(logits), axis=1, output_type=tf.int32)
        return tf.cast(tf.equal(predicted, _classes(labels, logits)), tf.float32)

    return accuracy


def _all_logits(config: TrainingConfig) -> Callable[[tf.Tensor], tf.Tensor]:
    return _with_no_digit if config.refuses else tf.identity


def _with_no_digit(logits: tf.Tensor) -> tf.Tensor:
    return tf.concat([logits, tf.zeros_like(logits[:, :1])], axis=1)


def _classes(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    classes = tf.cast(labels if len(labels.shape) == 1 else labels[:, 0], tf.int32)
    return tf.where(classes == NO_DIGIT, tf.shape(logits)[1], classes)
