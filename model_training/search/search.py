"""Train several seeds of a recipe, or search for a better recipe, in parallel on Ray.

A search trains many recipes, stops most of them early, and decides by validation accuracy only.
"""

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ray import tune

from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.data.pen_digits import PenDigit, split_writers
from model_training.errors import ClusterError
from model_training.search.cluster import last_line
from model_training.search.results import TrialResult
from model_training.search.run import (
    NUMBER,
    Halving,
    Report,
    checkpoints_of,
    report_epoch,
    run_trials,
    use_threads,
)
from model_training.search.space import Space, draw_recipes
from model_training.training.checkpoint import check_identity, identify, read_history
from model_training.training.config import TrainingConfig
from model_training.training.fit import fit
from model_training.training.recipe import with_values
from model_training.training.study import finished_seeds, seed_folder
from model_training.training.train import train

_RAY_FOLDER = "ray"
_IDENTITY_FILE = "begun.json"


def train_seeds(
    config: TrainingConfig,
    mnist: Mnist,
    *,
    output: Path,
    seeds: int,
    cpus: int,
    report: Report,
    pen_digits: Sequence[PenDigit] = (),
) -> None:
    """Train the missing ones of the seeds 0 to `seeds` - 1, with the same results as `study`.

    Raises:
        RunMismatchError: a finished seed was trained with another recipe.
        ClusterError: a seed failed several times; the others are finished.
    """
    output = output.resolve()  # Ray's processes have other working folders
    finished = finished_seeds(config, output=output, seeds=seeds)
    missing = [seed for seed in range(seeds) if seed not in finished]
    if not missing:
        return
    # The releases show which seeds are finished; Ray's state of an earlier attempt is not needed.
    shutil.rmtree(output / _RAY_FOLDER, ignore_errors=True)
    run = tune.with_parameters(
        _train_seed, config=config, mnist=mnist, pen_digits=pen_digits, output=output, cpus=cpus
    )
    errors = run_trials(run, missing, folder=output / _RAY_FOLDER, cpus=cpus, report=report)
    for seed, error in errors.items():
        if error is not None:
            raise ClusterError(f"seed {seed} failed: {last_line(error)}") from error
    shutil.rmtree(output / _RAY_FOLDER)


def _train_seed(
    trial: dict[str, Any],
    *,
    config: TrainingConfig,
    mnist: Mnist,
    pen_digits: Sequence[PenDigit],
    output: Path,
    cpus: int,
) -> None:
    """Train a release in a Ray process, with the trial's number as its seed."""
    use_threads(cpus)
    seed = trial[NUMBER]
    folder = seed_folder(output, seed)
    if not folder.exists():  # it exists if the process was killed between writing it and ending
        seeded = dataclasses.replace(config, seed=seed)
        train(seeded, mnist, pen_digits=pen_digits, output=folder, on_epoch=report_epoch)


def search(
    config: TrainingConfig,
    digits: Digits,
    *,
    space: Space,
    trials: int,
    output: Path,
    cpus: int,
    report: Report,
    pen_digits: Sequence[PenDigit] = (),
) -> list[TrialResult]:
    """Train `trials` recipes from the space on MNIST's training `digits`, some of which are held out.

    Called again after a kill, it keeps finished and stopped trials, and resumes the others from their last
    finished epochs.

    Returns:
        The result of each trial, by number; the first is `config` unchanged.

    Raises:
        RunMismatchError: `output` holds a search of other recipes or digits.
        ClusterError: all trials failed, or fit no machine.
    """
    output = output.resolve()  # Ray's processes have other working folders
    changes = draw_recipes(config, space, trials=trials)
    recipes = [with_values(config, values) for values in changes]
    check_identity(output / _IDENTITY_FILE, identify(config, digits, pen_digits) | {"trials": changes})
    run = tune.with_parameters(
        _try_recipe, recipes=recipes, digits=digits, pen_digits=pen_digits, output=output, cpus=cpus
    )
    errors = run_trials(
        run,
        range(trials),
        folder=output / _RAY_FOLDER,
        cpus=cpus,
        report=report,
        scheduler=Halving(output, epochs=config.epochs),
    )
    for number, error in errors.items():
        if error is not None:
            report(f"{number:3d}  failed repeatedly: {last_line(error)}")
    if all(errors.values()):
        raise ClusterError("all trials failed")
    return [
        _read_result(output, number, changes[number], epochs=config.epochs, failed=bool(errors[number]))
        for number in range(trials)
    ]


def _read_result(
    output: Path, number: int, changes: dict[str, Any], *, epochs: int, failed: bool
) -> TrialResult:
    history = read_history(checkpoints_of(output, number))
    return TrialResult(
        number,
        changes,
        "failed" if failed else "finished" if len(history) == epochs else "stopped",
        epochs=len(history),
        accuracy=history[-1]["val_accuracy"] if history else 0.0,
        seconds=sum(epoch["seconds"] for epoch in history),
    )


def _try_recipe(
    trial: dict[str, Any],
    *,
    recipes: list[TrainingConfig],
    digits: Digits,
    pen_digits: Sequence[PenDigit],
    output: Path,
    cpus: int,
) -> None:
    """Train and validate one recipe in a Ray process, without teachers and test digits."""
    use_threads(cpus)
    config = dataclasses.replace(recipes[trial[NUMBER]], teachers=0)
    training, validation = split_validation(digits, config.validation_size)
    fit(
        config,
        training=training,
        validation=validation,
        run_folder=checkpoints_of(output, trial[NUMBER]).parent,
        pen_digits=split_writers(pen_digits)[0],
        identity=identify(config, digits, pen_digits),
        on_epoch=report_epoch,
    )
