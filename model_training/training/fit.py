"""Fits a network to the training digits, going on from the last finished epoch of an earlier try."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from model_training.data.dataset import steps_per_epoch, training_batches
from model_training.data.mnist import Digits
from model_training.training.checkpoint import Checkpoints, History
from model_training.training.config import TrainingConfig
from model_training.training.loss import make_accuracy, make_loss
from model_training.training.network import build_network
from model_training.training.progress import Progress
from model_training.training.sources import make_sources
from model_training.training.teaching import load_teachers, taught_batches

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
_VALIDATION_BATCH_SIZE = 500

OnEpoch = Callable[[History], None]


@dataclass(frozen=True)
class FittedNetwork:
    """A trained network and how it came about.

    Attributes:
        network: float32, its weights the moving average.
        history: loss, accuracy, val_loss, val_accuracy and seconds of each epoch.
    """

    network: keras.Model
    history: History


def fit(
    config: TrainingConfig,
    *,
    training: Digits,
    validation: Digits,
    run_folder: Path,
    identity: dict[str, Any],
    on_epoch: OnEpoch | None = None,
) -> FittedNetwork:
    """Trains the configured network.

    Args:
        config: the recipe.
        training: the digits to learn from.
        validation: the digits to watch; nothing is chosen by them here.
        run_folder: for checkpoints and TensorBoard logs.
        identity: what an earlier try in `run_folder` must have in common with this one to be continued.
        on_epoch: called with the history after each epoch, and with that of an earlier try before the first.

    Raises:
        CheckpointMismatchError: it has not.
    """
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    checkpoints = Checkpoints(run_folder / "checkpoints", identity)  # before what takes time
    sources = make_sources(config, training)
    steps = steps_per_epoch(sources)
    dtype = _POLICIES[config.precision]
    network = build_network(config.architecture, width=config.width, dtype=dtype)
    _compile(network, config, steps=steps)
    first_epoch = checkpoints.restore(network)
    progress = Progress(steps=steps, first_epoch=first_epoch, epochs=config.epochs)
    batches = training_batches(
        sources, config.augmentation, seed=config.seed, first_epoch=first_epoch, last_epoch=config.epochs
    )
    teachers = load_teachers(config, dtype=dtype)
    network.fit(
        taught_batches(batches, teachers) if teachers else batches,
        steps_per_epoch=steps,
        initial_epoch=first_epoch,
        epochs=config.epochs,
        shuffle=False,  # the batches come shuffled
        validation_data=_validation_batches(validation),
        callbacks=[
            _SeedDropout(config.seed, steps=steps),
            *_watch(checkpoints, progress, on_epoch, logs=run_folder / "tensorboard"),
        ],
        verbose=0,
    )
    return FittedNetwork(_in_float32(network, config), checkpoints.history)


def _watch(
    checkpoints: Checkpoints, progress: Progress, on_epoch: OnEpoch | None, *, logs: Path
) -> list[keras.callbacks.Callback]:
    return [
        keras.callbacks.SwapEMAWeights(),  # validation sees the average that will be released
        progress,
        checkpoints,
        keras.callbacks.TensorBoard(logs, write_graph=False),
        *_tell(on_epoch, checkpoints),
    ]


def _tell(on_epoch: OnEpoch | None, checkpoints: Checkpoints) -> list[keras.callbacks.Callback]:
    """Nothing, or what calls `on_epoch`; stands behind the checkpoints, so that what is told is also kept."""
    if on_epoch is None:
        return []
    return [
        keras.callbacks.LambdaCallback(
            on_train_begin=lambda _: on_epoch(checkpoints.history),
            on_epoch_end=lambda *_: on_epoch(checkpoints.history),
        )
    ]


class _SeedDropout(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets the state of each dropout from seed and epoch: checkpoints do not hold it."""

    def __init__(self, seed: int, *, steps: int) -> None:
        super().__init__()
        self._seed = seed
        self._steps = steps

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Called by Keras."""
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
        jit_compile=False,  # measured slower on a CPU
    )


def _validation_batches(validation: Digits) -> tf.data.Dataset:
    images = validation.images[..., None].astype(np.float32) / 255.0
    batches = tf.data.Dataset.from_tensor_slices((images, validation.labels.astype(np.int32)))
    return batches.batch(_VALIDATION_BATCH_SIZE)


def _in_float32(network: keras.Model, config: TrainingConfig) -> keras.Model:
    """The same weights in float32 layers; `fit` has put the moving average in place of the last weights."""
    copy = build_network(config.architecture, width=config.width)
    copy.set_weights(network.get_weights())
    return copy
