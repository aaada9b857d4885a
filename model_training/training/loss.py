"""What training makes small, and the share of right answers that is watched meanwhile.

Labels are 0..9 or NO_DIGIT, int32 (n,); or float32 (n, 11) with ten logits of teachers behind each, see
teaching.py. Logits are float32 (n, 10).
"""

from collections.abc import Callable

import tensorflow as tf

from model_training.training.config import TrainingConfig
from model_training.training.refusal import with_refusal

OfAnswers = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def make_loss(config: TrainingConfig) -> OfAnswers:
    """The loss (n,) of labels and logits: cross-entropy with the label, and with what the teachers say."""
    complete, share, temperature = _complete(config), config.taught_share, config.teaching_temperature

    def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        hard = tf.nn.sparse_softmax_cross_entropy_with_logits(_classes(labels), complete(logits))
        if not _taught(labels):
            return hard
        said = tf.nn.softmax(complete(labels[:, 1:]) / temperature)
        soft = tf.nn.softmax_cross_entropy_with_logits(said, complete(logits) / temperature)
        # Softened answers pull with 1 / temperature^2 of the force of hard ones.
        return (1 - share) * hard + share * temperature**2 * soft

    return loss


def make_accuracy(config: TrainingConfig) -> OfAnswers:
    """Whether each answer, (n,), is right: the digit, or the refusal of what is none."""
    complete = _complete(config)

    def accuracy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        answers = tf.argmax(complete(logits), axis=1, output_type=tf.int32)
        return tf.cast(tf.equal(answers, _classes(labels)), tf.float32)

    return accuracy


def _complete(config: TrainingConfig) -> Callable[[tf.Tensor], tf.Tensor]:
    return with_refusal if config.refuses else tf.identity


def _taught(labels: tf.Tensor) -> bool:
    return len(labels.shape) == 2


def _classes(labels: tf.Tensor) -> tf.Tensor:
    return tf.cast(labels[:, 0] if _taught(labels) else labels, tf.int32)
