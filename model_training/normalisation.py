"""How a drawing becomes the 28x28 picture that the network looks at, as in MNIST itself.

The original MNIST digits were cropped, fitted into 20x20 pixels with their aspect kept, and placed in 28x28
with their centre of mass at the centre (LeCun et al., http://yann.lecun.com/exdb/mnist/). This layer does the
same with LiteRT's built-in operators only, so that it travels inside the reader: server, browser and phone
see exactly the same picture.
"""

import keras
import tensorflow as tf

INK_SIZE = 112  # N: four ink pixels for each pixel seen, so that a pen's edge keeps its place
SEEN_SIZE = 28
BOX_SIZE = 20.0  # the longer side of the digit in what is seen
_CENTRE = 14.5  # where MNIST has its centres of mass: the middle of pixel 14 (measured on its test digits)
_INK_THRESHOLD = 0.1  # fainter pixels do not widen the box; they are still seen


class Normalisation(keras.layers.Layer):  # type: ignore[misc]
    """Ink (n, N, N) in 0..1 at any position and size, to what is seen (n, 28, 28) in 0..1.

    A blank drawing gives a blank picture. The darkest pixel seen becomes 1: a thin pen gives faint pixels
    when it is shrunk, and MNIST has no faint digits.
    """

    def call(self, ink: tf.Tensor) -> tf.Tensor:
        """See the class."""
        rows = _Extent(tf.reduce_max(ink, axis=2))
        columns = _Extent(tf.reduce_max(ink, axis=1))
        side = tf.maximum(tf.maximum(rows.length, columns.length), 1.0)
        step = side / BOX_SIZE  # ink pixels for each pixel seen
        mass = tf.reduce_sum(ink, axis=[1, 2])[:, None] + 1e-6
        row_weights = _weights(rows, _centre_of_mass(tf.reduce_sum(ink, axis=2), mass), step=step)
        column_weights = _weights(columns, _centre_of_mass(tf.reduce_sum(ink, axis=1), mass), step=step)
        seen = tf.matmul(tf.matmul(row_weights, ink), column_weights, transpose_b=True)
        darkest = tf.reduce_max(seen, axis=[1, 2], keepdims=True)
        return seen / tf.maximum(darkest, 0.1)  # below a tenth it is noise, not a thin pen


class _Extent:
    """From where to where a drawing has ink along one axis, in pixels; profile (n, N) to values (n, 1)."""

    def __init__(self, profile: tf.Tensor) -> None:
        size = float(profile.shape[1])
        index = tf.range(size)[None, :]
        inked = profile > _INK_THRESHOLD
        self.size = size
        self.start = tf.reduce_min(tf.where(inked, index, size), axis=1, keepdims=True)
        end = tf.reduce_max(tf.where(inked, index + 1.0, 0.0), axis=1, keepdims=True)
        self.length = tf.maximum(end - self.start, 0.0)


def _centre_of_mass(profile: tf.Tensor, mass: tf.Tensor) -> tf.Tensor:
    """Of summed ink (n, N), in pixels, (n, 1)."""
    middles = tf.range(float(profile.shape[1]))[None, :] + 0.5
    return tf.reduce_sum(profile * middles, axis=1, keepdims=True) / mass


def _weights(extent: _Extent, centre_of_mass: tf.Tensor, *, step: tf.Tensor) -> tf.Tensor:
    """Box-filter weights (n, 28, N): how much each ink pixel counts in each pixel seen, along one axis."""
    room = SEEN_SIZE - extent.length / step
    # Whole pixels, as MNIST's makers did: a digit that is already in MNIST's frame stays exactly as it is.
    margin = tf.round(_CENTRE - (centre_of_mass - extent.start) / step)
    margin = tf.clip_by_value(margin, 0.0, room)
    seen_middles = tf.range(float(SEEN_SIZE))[None, :] + 0.5
    middles = (extent.start + (seen_middles - margin) * step)[:, :, None]
    width = tf.maximum(step, 1.0)[:, :, None]  # never narrower than a pixel, so that enlarging is smooth
    left_edges = tf.range(extent.size)[None, None, :]
    upper = tf.minimum(middles + width / 2, left_edges + 1.0)
    lower = tf.maximum(middles - width / 2, left_edges)
    return tf.nn.relu(upper - lower) / width
