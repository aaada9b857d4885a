"""Train a released network further on sources of images, perhaps with the old network as the teacher."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_training.data.mnist import Digits
from model_training.evaluation.scores import predict_logits
from model_training.training.batches import Source, training_batches
from model_training.training.checkpoint import Checkpoints, History
from model_training.training.config import TrainingConfig
from model_training.training.distillation import add_soft_targets
from model_training.training.finetune_config import FinetuneConfig
from model_training.training.fit import SeedDropout
from model_training.training.loss import LabelsAndLogits, make_accuracy, make_loss

_VALIDATION_BATCH_SIZE = 500
_BEST = "best.weights.h5"
_SHARES = (0.7, 0.8, 0.9, 1.0)  # of the way from the old weights to the new ones


def fit_further(
    network: keras.Model,
    config: FinetuneConfig,
    *,
    recipe: TrainingConfig,
    epochs: int,
    sources: Callable[[], Sequence[Source]],
    held_out: Digits,
    run_folder: Path,
    identity: dict[str, Any],
) -> tuple[list[NDArray[np.float32]], History]:
    """Train a copy of `network` further; return its best weights on `held_out`, and the history.

    Args:
        network: of a release; its batch normalisation keeps its statistics. It teaches the copy what it made
            of all images but the corrections, unless `taught_share` is 0.
        config: of the fine-tuning.
        recipe: of the release.
        epochs: the most.
        sources: makes the images of the batches, corrections last.
        held_out: decides which epoch is the best.
        run_folder: for checkpoints; a run with the same `identity` is resumed from there.

    Raises:
        RunMismatchError: the earlier attempt has another identity.
    """
    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    student = keras.models.clone_model(network)  # not `network`, which would be saved with its loss
    student.set_weights(network.get_weights())
    _compile(student, config, recipe=recipe, epochs=epochs)
    checkpoints = Checkpoints(run_folder / "checkpoints", identity)
    first = checkpoints.restore(student)
    if not _is_over(checkpoints.history, config, epochs=epochs):
        batches = training_batches(
            sources(),
            recipe.augmentation,
            seed=config.seed,
            first_epoch=first,
            last_epoch=epochs,
            steps=config.steps_per_epoch,
        )
        student.fit(
            add_soft_targets(batches, [network]) if config.taught_share else batches,
            steps_per_epoch=config.steps_per_epoch,
            initial_epoch=first,
            epochs=epochs,
            shuffle=False,
            validation_data=_validation_batches(held_out),
            callbacks=[
                SeedDropout(config.seed, steps=config.steps_per_epoch),
                _KeepBest(run_folder / _BEST, checkpoints, config),
                checkpoints,
            ],
            verbose=1 if sys.stdout.isatty() else 2,
        )
    student.load_weights(run_folder / _BEST)
    return student.get_weights(), checkpoints.history


def move_weights(
    network: keras.Model, weights: list[NDArray[np.float32]], held_out: Digits, *, recipe: TrainingConfig
) -> None:
    """Move the weights of `network` towards new ones, no further than the held-out corrections need.

    Between the old and the new weights, little is forgotten (M. Wortsman et al., Robust fine-tuning of
    zero-shot models, 2022).
    """
    old, accuracy = network.get_weights(), make_accuracy(recipe)
    right = []
    for share in _SHARES:
        network.set_weights([(1 - share) * a + share * b for a, b in zip(old, weights, strict=True)])
        logits = predict_logits(network, held_out.images)
        right.append(int(tf.reduce_sum(accuracy(held_out.labels.astype(np.int32), logits))))
    share = _SHARES[right.index(max(right))]
    network.set_weights([(1 - share) * a + share * b for a, b in zip(old, weights, strict=True)])


def _make_loss(recipe: TrainingConfig, corrected: int) -> LabelsAndLogits:
    """Return the loss (n,): with the teacher for replayed data, and for the last `corrected` rows without."""
    loss = make_loss(recipe)

    def split(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        if len(labels.shape) == 1 or labels.shape[1] == 1:  # validation
            return loss(tf.reshape(labels, [-1]), logits)
        replayed = loss(labels[:-corrected], logits[:-corrected])
        return tf.concat([replayed, loss(labels[-corrected:, 0], logits[-corrected:])], axis=0)

    return split


def _compile(network: keras.Model, config: FinetuneConfig, *, recipe: TrainingConfig, epochs: int) -> None:
    """Compile `network`, whose batch normalisation keeps its statistics: those of corrections are others."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    learning_rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=config.learning_rate,
        warmup_steps=config.warmup_steps,
        decay_steps=max(epochs * config.steps_per_epoch - config.warmup_steps, 1),
    )
    network.compile(
        optimizer=keras.optimizers.AdamW(learning_rate, weight_decay=config.weight_decay),
        loss=_make_loss(replace(recipe, taught_share=config.taught_share), config.corrected),
        metrics=[make_accuracy(recipe)],
        jit_compile=False,
    )
    network.optimizer.build(network.trainable_variables)


class _KeepBest(keras.callbacks.Callback):  # type: ignore[misc]
    """Save the best weights and stop early; comes before Checkpoints, so that a kill loses neither."""

    def __init__(self, path: Path, checkpoints: Checkpoints, config: FinetuneConfig) -> None:
        super().__init__()
        self._path, self._checkpoints, self._config = path, checkpoints, config

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        history = [*self._checkpoints.history, logs or {}]
        epochs = self.params["epochs"]
        if _best_epoch(history, epochs) == len(history) - 1:
            self.model.save_weights(self._path)
        self.model.stop_training = _is_over(history, self._config, epochs=epochs)


def _best_epoch(history: History, epochs: int) -> int:
    """Return the last epoch in the second half with the highest accuracy on held-out corrections.

    In the first half the learning rate is high, and the weights have forgotten more: after 20 steps, twice
    as many MNIST digits were misread as after 120. Not the lowest loss, which one strange picture decides.
    """
    first = min(epochs // 2, len(history) - 1)
    accuracies = [epoch["val_accuracy"] for epoch in history[first:]]
    return len(history) - 1 - int(np.argmax(accuracies[::-1]))


def _is_over(history: History, config: FinetuneConfig, *, epochs: int) -> bool:
    """Return whether all epochs are done, or the accuracy has been lower for too many."""
    done = len(history)
    return done >= epochs or (done > 0 and done - 1 - _best_epoch(history, epochs) >= config.patience)


def _validation_batches(digits: Digits) -> tf.data.Dataset:
    images = digits.images[..., None].astype(np.float32) / 255.0
    labels = digits.labels.astype(np.int32)
    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(_VALIDATION_BATCH_SIZE)
