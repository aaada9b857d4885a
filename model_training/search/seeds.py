"""One recipe with several seeds, side by side."""

import shutil
from pathlib import Path

from ray import tune

from model_training.data.mnist import Mnist
from model_training.search.cluster import ClusterError, last_line
from model_training.search.run import Say, run_trials
from model_training.search.trial import train_seed
from model_training.training.config import TrainingConfig
from model_training.training.study import missing_seeds

_RAY_FOLDER = "ray"


def train_seeds(
    config: TrainingConfig, mnist: Mnist, *, output: Path, seeds: int, cpus: int, say: Say
) -> None:
    """Trains those of the seeds 0 to `seeds` - 1 that are missing, as `study` does one after the other.

    Raises:
        StudyMismatchError: a finished seed was trained by another recipe.
        ClusterError: a seed failed several times; the others are finished.
    """
    output = output.resolve()  # the processes of a cluster have working folders of their own
    missing = missing_seeds(config, output=output, seeds=seeds)
    if not missing:
        return
    # Which seeds are finished their releases tell; what Ray kept of an earlier try is of no use.
    shutil.rmtree(output / _RAY_FOLDER, ignore_errors=True)
    run = tune.with_parameters(train_seed, config=config, mnist=mnist, output=output, cpus=cpus)
    errors = run_trials(run, missing, folder=output / _RAY_FOLDER, cpus=cpus, say=say)
    for seed, error in errors.items():
        if error is not None:
            raise ClusterError(f"seed {seed} failed: {last_line(error)}") from error
    shutil.rmtree(output / _RAY_FOLDER)
