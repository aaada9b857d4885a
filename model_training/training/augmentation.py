"""Random variation of batches of digits: a warp and a cut for each image, decided by a seed alone."""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_training.training.config import Augmentation

_GRID = 5  # points of the grid of displacements, along each side


def random_warp(images: tf.Tensor, augmentation: Augmentation, *, seed: tf.Tensor) -> tf.Tensor:
    """Rotate, shear, scale, shift and bend each image at random, around its centre.

    Images are float32 (n, h, w, 1), and zero beyond the edges; `seed` is int32 (2,).
    """
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    matrix, shift = _random_maps(count, augmentation, seed=seed)
    centre = tf.constant([(width - 1) / 2, (height - 1) / 2])
    pixels = tf.stack(tf.meshgrid(tf.range(float(width)), tf.range(float(height))), axis=-1) - centre
    # Output pixel p is taken from centre + matrix (p - centre) + shift, and is then moved a little.
    source = tf.einsum("nij,hwj->nhwi", matrix, pixels) + (centre + shift)[:, None, None]
    if augmentation.elastic > 0:
        bend_seed = tf.random.experimental.stateless_fold_in(seed, 2)
        source += augmentation.elastic * _random_bends(count, height, width, seed=bend_seed)
    return _sample(images, source)


def _random_bends(count: tf.Tensor, height: int, width: int, *, seed: tf.Tensor) -> tf.Tensor:
    """Return smooth displacements (n, h, w, 2), each of standard deviation 1.

    Normal noise on a coarse grid, joined by cubic B-splines (elastic distortion; Simard et al., 2003).
    """
    noise = tf.random.stateless_normal((count, _GRID, _GRID, 2), seed)
    rows, columns = (tf.constant(_spline_weights(size), tf.float32) for size in (height, width))
    return tf.einsum("ha,nabk,wb->nhwk", rows, noise, columns)


def _spline_weights(size: int) -> NDArray[np.float64]:
    """Return the weight (size, grid) of each grid point in each pixel; their squares add up to 1."""
    distance = np.abs(np.linspace(0, _GRID - 1, size)[:, None] - np.arange(_GRID))
    near, far = 2 / 3 - distance**2 + distance**3 / 2, (2 - distance) ** 3 / 6
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return np.asarray(weights / np.linalg.norm(weights, axis=1, keepdims=True))


def _sample(images: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
    """Return images (n, h, w, 1) whose pixels are taken from the positions `source` (n, h, w, 2), x and y."""
    size = tf.constant([images.shape[2], images.shape[1]])
    source = tf.clip_by_value(source, -1.0, tf.cast(size, tf.float32))
    padded = tf.pad(images, ((0, 0), (1, 2), (1, 2), (0, 0)))
    length = padded.shape[2]  # of a row
    flat = tf.reshape(padded, (-1, padded.shape[1] * length))
    corner = tf.floor(source)
    right, down = tf.unstack(source - corner, axis=-1)
    column, row = tf.unstack(tf.cast(corner, tf.int32) + 1, axis=-1)
    first = row * length + column

    def between(start: tf.Tensor) -> tf.Tensor:
        left, beside = (tf.gather(flat, start + step, batch_dims=1) for step in (0, 1))
        return left + right * (beside - left)

    upper, lower = between(first), between(first + length)
    return (upper + down * (lower - upper))[..., None]


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
    """Cut some of the images along a straight line, like gaps from a bad pen; see `random_warp`."""
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    chosen, angle, place, breadth = tf.unstack(tf.random.stateless_uniform((4, count, 1, 1), seed))
    angle *= 2 * np.pi
    columns = tf.range(float(width))[None, None, :] - (width - 1) / 2
    rows = tf.range(float(height))[None, :, None] - (height - 1) / 2
    across = columns * tf.cos(angle) + rows * tf.sin(angle) - (place - 0.5) * 0.6 * width
    half = tf.where(chosen < augmentation.cut, breadth * augmentation.cut_width / 2, -1.0)
    left = tf.clip_by_value(tf.abs(across) - half + 0.5, 0.0, 1.0)  # a soft edge of one pixel
    return images * left[..., None]
