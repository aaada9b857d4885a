"""Fit a network to the training digits; resume from the last finished epoch of an earlier attempt."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from model_training.data.mnist import Digits
from model_training.data.pen_digits import PenDigit
from model_training.training.batches import Source, make_sources, steps_per_epoch, training_batches
from model_training.training.checkpoint import Checkpoints, History, OnEpoch, median_seconds
from model_training.training.config import TrainingConfig
from model_training.training.distillation import add_soft_targets
from model_training.training.loss import make_accuracy, make_loss
from model_training.training.network import build_network

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
_VALIDATION_BATCH_SIZE = 500
_TEACHER_SEED = 3_000_000  # added to the run's seed for the first teacher


@dataclass(frozen=True)
class FittedNetwork:
    """A trained network, float32 with the moving average of the weights.

    `history` holds loss, accuracy, val_loss, val_accuracy and seconds of each epoch.
    """

    network: keras.Model
    history: History

    @property
    def epoch_seconds(self) -> float:
        """Return the median time of an epoch."""
        return median_seconds(self.history)


def fit(
    config: TrainingConfig,
    *,
    training: Digits,
    validation: Digits,
    run_folder: Path,
    identity: dict[str, Any],
    pen_digits: Sequence[PenDigit] = (),
    on_epoch: OnEpoch = lambda _: None,
) -> FittedNetwork:
    """Train the configured network, after its teachers; `validation` digits are only monitored.

    Args:
        run_folder: for checkpoints and TensorBoard logs.
        identity: what an earlier attempt in `run_folder` must have in common with this one to be resumed.
        on_epoch: called with the history before the first epoch and after each, but not for teachers.

    Raises:
        RunMismatchError: the earlier attempt has another identity.
    """
    checkpoints = Checkpoints(run_folder / "checkpoints", identity, on_epoch=on_epoch)
    sources = make_sources(config, training, pen_digits)
    teachers: list[keras.Model] = []
    for number in range(config.teachers):
        folder = run_folder / f"teacher-{number + 1}"
        seeded = replace(config, seed=config.seed + _TEACHER_SEED + number)
        later_epochs = (config.teachers - number) * config.epochs
        earlier = Checkpoints(folder / "checkpoints", identity, later_epochs=later_epochs)
        teachers.append(_fit(seeded, sources, validation, earlier, logs=folder / "tensorboard"))
    logs = run_folder / "tensorboard"
    network = _fit(config, sources, validation, checkpoints, logs=logs, teachers=teachers)
    copy = build_network(config.architecture, width=config.width)  # float32
    copy.set_weights(network.get_weights())
    return FittedNetwork(copy, checkpoints.history)


def _fit(
    config: TrainingConfig,
    sources: Sequence[Source],
    validation: Digits,
    checkpoints: Checkpoints,
    *,
    logs: Path,
    teachers: Sequence[keras.Model] = (),
) -> keras.Model:
    """Train one network; return it with the moving average of the weights, in the configured precision."""
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    steps = steps_per_epoch(sources)
    network = build_network(config.architecture, width=config.width, dtype=_POLICIES[config.precision])
    _compile(network, config, steps=steps)
    first_epoch = checkpoints.restore(network)
    batches = training_batches(
        sources, config.augmentation, seed=config.seed, first_epoch=first_epoch, last_epoch=config.epochs
    )
    if teachers:
        batches = add_soft_targets(batches, teachers)
    network.fit(
        batches,
        steps_per_epoch=steps,
        initial_epoch=first_epoch,
        epochs=config.epochs,
        shuffle=False,  # the batches are shuffled already
        validation_data=_validation_batches(validation),
        callbacks=[
            SeedDropout(config.seed, steps=steps),
            keras.callbacks.SwapEMAWeights(),  # validation uses the average that will be released
            keras.callbacks.TensorBoard(logs, write_graph=False),
            checkpoints,
        ],
        verbose=1 if sys.stdout.isatty() else 2,  # a progress bar, or a line per epoch
    )
    return network  # Keras has assigned the moving average at the end


class SeedDropout(keras.callbacks.Callback):  # type: ignore[misc]
    """Seed each dropout layer from seed and epoch, because checkpoints do not hold its state."""

    def __init__(self, seed: int, *, steps: int) -> None:
        super().__init__()
        self._seed, self._steps = seed, steps

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([self._seed, epoch * self._steps])


def _compile(network: keras.Model, config: TrainingConfig, *, steps: int) -> None:
    warmup_steps = round(config.warmup_epochs * steps)
    learning_rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=config.learning_rate,
        warmup_steps=warmup_steps,
        decay_steps=max(config.epochs * steps - warmup_steps, 1),
    )
    network.compile(
        optimizer=keras.optimizers.AdamW(
            learning_rate,
            weight_decay=config.weight_decay,
            use_ema=True,
            ema_momentum=config.ema_momentum,
        ),
        loss=make_loss(config),
        metrics=[make_accuracy(config)],
        jit_compile=False,  # slower on a CPU, as measured
    )
    network.optimizer.build(network.trainable_variables)  # otherwise the training step is traced twice


def _validation_batches(validation: Digits) -> tf.data.Dataset:
    images = validation.images[..., None].astype(np.float32) / 255.0
    batches = tf.data.Dataset.from_tensor_slices((images, validation.labels.astype(np.int32)))
    return batches.batch(_VALIDATION_BATCH_SIZE)
