"""Random variation of batches of digits: an affine map and a cut for each image, decided by a seed alone."""

import numpy as np
import tensorflow as tf

from model_training.training.config import Augmentation


def random_affine(images: tf.Tensor, augmentation: Augmentation, *, seed: tf.Tensor) -> tf.Tensor:
    """Rotate, shear, scale and shift each image at random, around its centre.

    Images are float32 (n, h, w, 1), and zero beyond the edges; `seed` is int32 (2,).
    """
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    matrix, shift = _random_maps(count, augmentation, seed=seed)
    centre = tf.constant([(width - 1) / 2, (height - 1) / 2])
    # Output pixel p is taken from centre + matrix (p - centre) + shift.
    offset = centre + shift - tf.linalg.matvec(matrix, centre)
    zeros = tf.zeros((count, 2))
    transforms = tf.concat([matrix[:, 0], offset[:, :1], matrix[:, 1], offset[:, 1:], zeros], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=(height, width),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )


def _random_maps(
    count: tf.Tensor, augmentation: Augmentation, *, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return matrices (n, 2, 2) and shifts (n, 2) from output to input, in x, y order."""
    draws = tf.unstack(tf.random.stateless_uniform((6, count), seed, -1.0, 1.0))
    angle = draws[0] * float(np.deg2rad(augmentation.rotation))
    cosine, sine = tf.cos(angle), tf.sin(angle)
    shear = draws[1] * augmentation.shear
    scale_x, scale_y = (1.0 / (1.0 + draw * augmentation.scale) for draw in draws[2:4])
    first = tf.stack([scale_x * cosine, scale_x * (shear * cosine - sine)], axis=1)
    second = tf.stack([scale_y * sine, scale_y * (shear * sine + cosine)], axis=1)
    return tf.stack([first, second], axis=1), tf.stack(draws[4:6], axis=1) * augmentation.shift


def random_cut(images: tf.Tensor, augmentation: Augmentation, *, seed: tf.Tensor) -> tf.Tensor:
    """Cut some of the images along a straight line, like gaps from a bad pen; see `random_affine`."""
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    chosen, angle, place, breadth = tf.unstack(tf.random.stateless_uniform((4, count, 1, 1), seed))
    angle *= 2 * np.pi
    columns = tf.range(float(width))[None, None, :] - (width - 1) / 2
    rows = tf.range(float(height))[None, :, None] - (height - 1) / 2
    across = columns * tf.cos(angle) + rows * tf.sin(angle) - (place - 0.5) * 0.6 * width
    half = tf.where(chosen < augmentation.cut, breadth * augmentation.cut_width / 2, -1.0)
    left = tf.clip_by_value(tf.abs(across) - half + 0.5, 0.0, 1.0)  # a soft edge of one pixel
    return images * left[..., None]
