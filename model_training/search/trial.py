"""A trial: one training run in a Ray process, which reports each epoch."""

import dataclasses
from pathlib import Path
from typing import Any

import tensorflow as tf
from ray import tune

from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.training.checkpoint import History, identify
from model_training.training.config import TrainingConfig
from model_training.training.fit import fit
from model_training.training.study import seed_folder
from model_training.training.train import train

NUMBER, EPOCH, ACCURACY = "number", "epoch", "val_accuracy"


def checkpoints_of(output: Path, number: int) -> Path:
    """Return the checkpoint folder of a trial of a search."""
    return _run_folder(output, number) / "checkpoints"


def train_seed(
    trial: dict[str, Any], *, config: TrainingConfig, mnist: Mnist, output: Path, cpus: int
) -> None:
    """Train a release with the trial's number as its seed."""
    _use_threads(cpus)
    seed = trial[NUMBER]
    folder = seed_folder(output, seed)
    if not folder.exists():  # it exists if the process was killed between writing it and ending
        train(dataclasses.replace(config, seed=seed), mnist, output=folder, on_epoch=_report)


def try_recipe(
    trial: dict[str, Any], *, recipes: list[TrainingConfig], digits: Digits, output: Path, cpus: int
) -> None:
    """Train and validate one recipe, without test digits."""
    _use_threads(cpus)
    config = recipes[trial[NUMBER]]
    training, validation = split_validation(digits, config.validation_size)
    fit(
        config,
        training=training,
        validation=validation,
        run_folder=_run_folder(output, trial[NUMBER]),
        identity=identify(config, digits),
        on_epoch=_report,
    )


def _run_folder(output: Path, number: int) -> Path:
    return output / f"trial-{number:03d}"


def _use_threads(cpus: int) -> None:
    """Use one thread per core of the trial, so that trials do not compete.

    The number of threads decides how sums are split, and so their last bits: a run without Ray on as many
    cores gives the same network.
    """
    tf.config.threading.set_intra_op_parallelism_threads(cpus)
    tf.config.threading.set_inter_op_parallelism_threads(cpus)


def _report(history: History) -> None:
    if history:
        tune.report({EPOCH: len(history), ACCURACY: history[-1]["val_accuracy"]})
