"""Learning to refuse: an eleventh class, "no digit", whose logit is always zero.

The network keeps its ten logits. What they sum up to, logsumexp, is then itself the logit of "this is a
digit", and the reader's digit score is its sigmoid; nothing has to be added to the network.
"""

import tensorflow as tf


def with_refusal(logits: tf.Tensor) -> tf.Tensor:
    """Logits (n, 10) with that of "no digit" behind them, (n, 11)."""
    return tf.concat([logits, tf.zeros_like(logits[:, :1])], axis=1)


def refusal_loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross-entropy (n,) of labels (n, 1), 0..9 or NO_DIGIT, under logits (n, 10)."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.cast(tf.reshape(labels, [-1]), tf.int32), with_refusal(logits)
    )


def accuracy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Whether each answer, (n,), is right: the digit, or the refusal of what is none."""
    answers = tf.argmax(with_refusal(logits), axis=1, output_type=tf.int32)
    return tf.cast(tf.equal(answers, tf.cast(tf.reshape(labels, [-1]), tf.int32)), tf.float32)
