"""Normalisation of a drawing to the 28x28 input of the network, as in MNIST.

The original MNIST digits were cropped, fitted into 20x20 pixels with the aspect ratio kept, and placed in
28x28 with the centre of mass at the centre (LeCun et al., http://yann.lecun.com/exdb/mnist/). The layer uses
LiteRT's built-in operators only, so that it can be part of the reader, the same in server, browser and phone.
"""

import keras
import tensorflow as tf

INK_SIZE = 112  # N: four ink pixels per normalised pixel, for the exact position of a stroke's edge
IMAGE_SIZE = 28  # of the normalised image
BOX_SIZE = 20.0  # longer side of the digit in the normalised image
_CENTRE = 14.5  # MNIST's centre of mass: the middle of pixel 14 (measured on its test digits)
_INK_THRESHOLD = 0.1  # fainter pixels do not extend the bounding box


class Normalisation(keras.layers.Layer):  # type: ignore[misc]
    """Ink (n, N, N) in 0..1, at any position and size, to normalised images (n, 28, 28) in 0..1.

    A blank drawing gives a blank image. The darkest pixel becomes 1, because thin strokes become faint when
    scaled down, and MNIST has no faint digits.
    """

    def call(self, ink: tf.Tensor) -> tf.Tensor:
        """Normalise each drawing."""
        rows = _Extent(tf.reduce_max(ink, axis=2))
        columns = _Extent(tf.reduce_max(ink, axis=1))
        side = tf.maximum(tf.maximum(rows.length, columns.length), 1.0)
        step = side / BOX_SIZE  # ink pixels per normalised pixel
        mass = tf.reduce_sum(ink, axis=[1, 2])[:, None] + 1e-6
        row_weights = _weights(rows, _centre_of_mass(tf.reduce_sum(ink, axis=2), mass), step=step)
        column_weights = _weights(columns, _centre_of_mass(tf.reduce_sum(ink, axis=1), mass), step=step)
        image = tf.matmul(tf.matmul(row_weights, ink), column_weights, transpose_b=True)
        darkest = tf.reduce_max(image, axis=[1, 2], keepdims=True)
        return image / tf.maximum(darkest, 0.1)  # below a tenth it is noise, not a thin pen


class _Extent:
    """Start and length (n, 1) of the ink along one axis, in pixels, from a profile (n, N)."""

    def __init__(self, profile: tf.Tensor) -> None:
        size = float(profile.shape[1])
        index = tf.range(size)[None, :]
        inked = profile > _INK_THRESHOLD
        self.size = size
        self.start = tf.reduce_min(tf.where(inked, index, size), axis=1, keepdims=True)
        end = tf.reduce_max(tf.where(inked, index + 1.0, 0.0), axis=1, keepdims=True)
        self.length = tf.maximum(end - self.start, 0.0)


def _centre_of_mass(profile: tf.Tensor, mass: tf.Tensor) -> tf.Tensor:
    """Return the centre of mass (n, 1) of summed ink (n, N), in pixels."""
    middles = tf.range(float(profile.shape[1]))[None, :] + 0.5
    return tf.reduce_sum(profile * middles, axis=1, keepdims=True) / mass


def _weights(extent: _Extent, centre_of_mass: tf.Tensor, *, step: tf.Tensor) -> tf.Tensor:
    """Return box-filter weights (n, 28, N) of each ink pixel in each normalised pixel, along one axis."""
    room = IMAGE_SIZE - extent.length / step
    # Whole pixels, as in MNIST: its own digits stay unchanged.
    margin = tf.round(_CENTRE - (centre_of_mass - extent.start) / step)
    margin = tf.clip_by_value(margin, 0.0, room)
    pixel_middles = tf.range(float(IMAGE_SIZE))[None, :] + 0.5
    middles = (extent.start + (pixel_middles - margin) * step)[:, :, None]
    width = tf.maximum(step, 1.0)[:, :, None]  # at least a pixel, so that enlarging is smooth
    left_edges = tf.range(extent.size)[None, None, :]
    upper = tf.minimum(middles + width / 2, left_edges + 1.0)
    lower = tf.maximum(middles - width / 2, left_edges)
    return tf.nn.relu(upper - lower) / width
