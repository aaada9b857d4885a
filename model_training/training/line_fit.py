"""Fit the line network to synthesised lines; resume from the last finished epoch of an earlier attempt."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_training.data.hands import Hands
from model_training.data.lines import CUT, LONGEST, Lines, draw_lines
from model_training.line_format import BLANK, COLUMNS, LINE_HEIGHT, LINE_WIDTH
from model_training.training.checkpoint import Checkpoints, OnEpoch
from model_training.training.config import LineConfig
from model_training.training.fit import FittedNetwork
from model_training.training.line_network import box_pixels, build_line_network

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
_SIGNS = 8.0  # signs of a line, on average: the loss is per sign
_BOX_WEIGHT = 2.0  # of the boxes' error, in heights of a line, in the loss
CTC_SHARE = 4  # every fourth line of a batch: for all, the loss takes as long as the network
_TOO_LONG = 1e4  # loss of a text that its columns cannot hold
_WARMUP_STEPS = 400  # over which the learning rate rises from zero
_VALIDATION_BATCH = 64
_VALIDATION_SEED = 1_000_003


@dataclass(frozen=True)
class LineData:
    """What lines are made of: for training and, by other hands, for validation."""

    training: Hands
    validation: Hands


@dataclass(frozen=True)
class FittedLineNetwork(FittedNetwork):
    """A trained line network, and the lines that validated it: `plain` ones have clean paper."""

    validation: Lines
    plain: Lines


def fit_line(
    config: LineConfig,
    data: LineData,
    *,
    seed: int,
    run_folder: Path,
    identity: dict[str, Any],
    on_epoch: OnEpoch = lambda _: None,
) -> FittedLineNetwork:
    """Train the line network on lines by the hands of `data`; its validation lines are only monitored.

    Args:
        seed: of the weights and the lines.
        run_folder: for checkpoints and TensorBoard logs.
        identity: what an earlier attempt in `run_folder` must have in common with this one to be resumed.
        on_epoch: called with the history before the first epoch and after each.

    Raises:
        RunMismatchError: the earlier attempt has another identity.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    checkpoints = Checkpoints(run_folder / "checkpoints", identity, on_epoch=on_epoch)
    steps = config.lines_per_epoch // config.batch_size
    network = build_line_network(width=config.width, dtype=_POLICIES[config.precision])
    compile_line_network(network, config, steps=steps)
    first_epoch = checkpoints.restore(network)
    validation = draw_validation_lines(data, config)
    draw = partial(draw_lines, data.training, config.batch_size)
    network.fit(
        make_line_batches(draw, config, seed=seed, first=first_epoch * steps, last=config.epochs * steps),
        steps_per_epoch=steps,
        initial_epoch=first_epoch,
        epochs=config.epochs,
        shuffle=False,
        validation_data=tf.data.Dataset.from_tensor_slices(_examples(validation)).batch(_VALIDATION_BATCH),
        callbacks=[
            keras.callbacks.SwapEMAWeights(),
            keras.callbacks.TensorBoard(run_folder / "tensorboard", write_graph=False),
            checkpoints,
        ],
        verbose=1 if sys.stdout.isatty() else 2,
    )
    copy = build_line_network(width=config.width)
    copy.set_weights(network.get_weights())
    return FittedLineNetwork(
        copy, checkpoints.history, validation, draw_validation_lines(data, config, plain=True)
    )


def draw_validation_lines(data: LineData, config: LineConfig, *, plain: bool = False) -> Lines:
    """Return the lines of other hands, the same in every run; `plain` ones have clean paper."""
    generator = np.random.default_rng(_VALIDATION_SEED)
    return draw_lines(data.validation, config.validation_lines, generator=generator, plain=plain)


def compile_line_network(network: keras.Model, config: LineConfig, *, steps: int) -> None:
    """Compile a line network for epochs of so many `steps`."""
    warmup = min(steps // 2, _WARMUP_STEPS)
    network.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                0.0, config.epochs * steps - warmup, warmup_target=config.learning_rate, warmup_steps=warmup
            ),
            weight_decay=config.weight_decay,
            clipnorm=1.0,
            use_ema=True,
            ema_momentum=config.ema_momentum,
        ),
        loss={"logits": _SignLoss(config.ctc_weight), "boxes": _box_loss},
        loss_weights={"logits": 1.0, "boxes": _BOX_WEIGHT},
        metrics={"logits": _columns_right},
        jit_compile=False,  # slower on a CPU, as measured
    )
    network.optimizer.build(network.trainable_variables)  # otherwise the training step is traced twice


class _SignLoss(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy of the labelled columns, and connectionist temporal classification of the text."""

    def __init__(self, ctc_weight: float) -> None:
        super().__init__(name="signs")
        self._ctc_weight = ctc_weight

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        columns, texts, lengths = (tf.cast(part, tf.int32) for part in _unpack(y_true))
        labelled = tf.cast(columns >= 0, tf.float32)
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(columns, 0), y_pred)
        loss = tf.reduce_sum(entropy * labelled, axis=1)
        if self._ctc_weight > 0:
            some = slice(None, None, CTC_SHARE)
            ctc = self._ctc(columns[some], texts[some], lengths[some], y_pred[some])
            loss += tf.reduce_mean(ctc)
        return loss / _SIGNS

    def _ctc(self, columns: tf.Tensor, texts: tf.Tensor, lengths: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        columns_first = tf.transpose(logits, (1, 0, 2))
        everywhere = tf.fill(tf.shape(lengths), COLUMNS)
        loss = tf.nn.ctc_loss(texts, columns_first, lengths, everywhere, blank_index=BLANK)
        whole = tf.reduce_all(columns != CUT, axis=1)
        return self._ctc_weight * tf.where(whole & (loss < _TOO_LONG), loss, 0.0)


def _box_loss(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    """Return the mean absolute error of the boxes of labelled columns, in heights of a line."""
    boxes, labelled = y_true[..., :4], y_true[..., 4]
    error = tf.reduce_sum(tf.abs(box_pixels(y_pred) - boxes), axis=-1) / LINE_HEIGHT
    return tf.reduce_sum(error * labelled, axis=1) / (tf.reduce_sum(labelled, axis=1) + 1)


def _columns_right(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    """Return the share of the columns with a sign whose class is the likeliest."""
    columns, *_ = _unpack(y_true)
    signs = (columns != BLANK) & (columns >= 0)
    right = tf.cast(tf.argmax(y_pred, axis=-1), columns.dtype) == columns
    count = tf.reduce_sum(tf.cast(signs, tf.float32), axis=1)
    return tf.reduce_sum(tf.cast(right & signs, tf.float32), axis=1) / tf.maximum(count, 1)


def make_line_batches(
    draw: Callable[..., Lines], config: LineConfig, *, seed: int, first: int, last: int
) -> tf.data.Dataset:
    """Return the batches of the steps from `first` to before `last`, functions of seed and step.

    `draw(generator=...)` returns the lines of a batch.
    """

    def make(step: NDArray[np.int64]) -> tuple[NDArray[np.float32], ...]:
        ink, targets = _examples(draw(generator=np.random.default_rng([seed, 3, int(step)])))
        return ink, targets["logits"], targets["boxes"]

    def shape(ink: tf.Tensor, logits: tf.Tensor, boxes: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        ink = tf.ensure_shape(ink, (config.batch_size, LINE_HEIGHT, LINE_WIDTH, 1))
        logits = tf.ensure_shape(logits, (config.batch_size, COLUMNS + LONGEST + 1))
        return ink, {"logits": logits, "boxes": tf.ensure_shape(boxes, (config.batch_size, COLUMNS, 5))}

    kinds = (tf.float32, tf.int32, tf.float32)
    return (
        tf.data.Dataset.range(first, last)
        .map(lambda step: tf.numpy_function(make, [step], kinds), num_parallel_calls=2, deterministic=True)
        .map(shape)
        .prefetch(4)
    )


def _examples(lines: Lines) -> tuple[NDArray[np.float32], dict[str, NDArray[Any]]]:
    """Return lines as the network's input and targets; those of `logits` are packed into one array."""
    labelled = ((lines.columns != BLANK) & (lines.columns >= 0)).astype(np.float32)
    return np.asarray(lines.ink[..., None] / np.float32(255), np.float32), {
        "logits": np.concatenate([lines.columns, lines.texts, lines.lengths[:, None]], axis=1),
        "boxes": np.concatenate([lines.boxes, labelled[..., None]], axis=2),
    }


def _unpack(packed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    return packed[:, :COLUMNS], packed[:, COLUMNS:-1], packed[:, -1]
