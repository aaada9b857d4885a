"""Learning to refuse: an eleventh class, "no digit", whose logit is always zero.

The network keeps its ten logits. What they sum up to, logsumexp, is then itself the logit of "this is a
digit", and the reader's digit score is its sigmoid; nothing has to be added to the network.
"""

import tensorflow as tf


def with_refusal(logits: tf.Tensor) -> tf.Tensor:
    """Logits (n, 10) with that of "no digit" behind them, (n, 11)."""
    return tf.concat([logits, tf.zeros_like(logits[:, :1])], axis=1)
