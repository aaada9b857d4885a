"""Run trials in parallel on a Ray cluster, stop the worse ones early, and resume them after a kill."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ray
import tensorflow as tf
from ray import tune
from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial
from ray.tune.schedulers import AsyncHyperBandScheduler, TrialScheduler

from model_training.errors import ClusterError
from model_training.training.checkpoint import History, read_history

NUMBER = "number"  # key of the configuration that Ray passes to a trial
_EPOCH, _ACCURACY = "epoch", "val_accuracy"  # keys of the results that a trial reports to Ray
_MAX_FAILURES = 3  # of one trial
_STATE_FILES = "experiment_state-*.json"  # written by Ray
_GRACE = 1 / 6  # share of the epochs before a trial is first compared
_REDUCTION_FACTOR = 3  # one trial in so many continues, and is compared again after so many times the epochs

Report = Callable[[str], None]


def run_trials(
    train_one: Callable[..., None],
    numbers: Iterable[int],
    *,
    folder: Path,
    cpus: int,
    report: Report,
    scheduler: TrialScheduler | None = None,
) -> dict[int, Exception | None]:
    """Call `train_one` with `{"number": n}` for each number, each in a separate process.

    A process that dies is restarted. Ray's state in `folder` lets an interrupted call resume: it does not
    repeat finished and stopped trials.

    Args:
        train_one: reports its epochs to Ray, and resumes an earlier attempt.
        folder: shared by all machines of the cluster.
        cpus: cores per trial.
        report: called with a line after each epoch.

    Returns:
        The error of each failed trial, or None, by number.

    Raises:
        ClusterError: no machine has enough cores; Ray would wait forever.
    """
    _check_cores(cpus)
    trainable = tune.with_resources(train_one, {"cpu": cpus})
    if any(folder.glob(_STATE_FILES)):
        tuner = tune.Tuner.restore(str(folder), trainable=trainable, resume_errored=True)
    else:
        tuner = tune.Tuner(
            trainable,
            param_space={NUMBER: tune.grid_search(list(numbers))},
            tune_config=tune.TuneConfig(scheduler=scheduler),
            run_config=tune.RunConfig(
                name=folder.name,
                storage_path=str(folder.parent),
                failure_config=tune.FailureConfig(max_failures=_MAX_FAILURES),
                callbacks=[_Reporter(report)],
                verbose=0,
            ),
        )
    results = tuner.fit()
    found = (results[index] for index in range(len(results)))
    return {(result.config or {})[NUMBER]: result.error for result in found}


def checkpoints_of(output: Path, number: int) -> Path:
    """Return the checkpoint folder of a trial of a search."""
    return output / f"trial-{number:03d}" / "checkpoints"


def use_threads(cpus: int) -> None:
    """Use one thread per core of the trial, so that trials do not compete.

    The number of threads decides how sums are split, and so their last bits: a run without Ray on as many
    cores gives the same network.
    """
    tf.config.threading.set_intra_op_parallelism_threads(cpus)
    tf.config.threading.set_inter_op_parallelism_threads(cpus)


def report_epoch(history: History) -> None:
    """Report the last finished epoch to Ray, from within a trial."""
    if history:
        tune.report({_EPOCH: len(history), _ACCURACY: history[-1]["val_accuracy"]})


def _check_cores(cpus: int) -> None:
    nodes = ray.nodes()  # type: ignore[no-untyped-call]
    most = max(node["Resources"].get("CPU", 0) for node in nodes if node["Alive"])
    if 0 < most < cpus:  # a cluster that grows on demand may start with 0
        raise ClusterError(
            f"a trial of {cpus} cores fits no machine of the cluster; the largest has {most:.0f}"
        )


class Halving(AsyncHyperBandScheduler):
    """Asynchronous successive halving by validation accuracy, which survives a restart of the search.

    A restarted search has a new scheduler, and Ray does not pass it the results of the earlier one.
    """

    def __init__(self, output: Path, *, epochs: int) -> None:
        """Read earlier results from `output`, the folder of the search."""
        super().__init__(
            time_attr=_EPOCH,
            metric=_ACCURACY,
            mode="max",
            max_t=epochs,
            grace_period=max(round(_GRACE * epochs), 1),
            reduction_factor=_REDUCTION_FACTOR,
        )
        self._output = output

    def on_trial_add(self, tune_controller: TuneController, trial: Trial) -> None:
        """Add a trial with its earlier results. Called by Ray, also for each trial of a restarted search."""
        super().on_trial_add(tune_controller, trial)
        history = read_history(checkpoints_of(self._output, trial.config[NUMBER]))
        # A resumed trial reports its last epoch itself, and may be stopped for it.
        known = len(history) - (trial.status != Trial.TERMINATED)
        for epoch, logs in enumerate(history[:known], start=1):
            self.on_trial_result(tune_controller, trial, {_EPOCH: epoch, _ACCURACY: logs["val_accuracy"]})


class _Reporter(tune.Callback):
    """Report each epoch and each restart of a trial in one line."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def on_trial_result(self, *, trial: Trial, result: dict[str, Any], **_: Any) -> None:  # type: ignore[override]
        self._report(f"{trial.config[NUMBER]:3d}  epoch {result[_EPOCH]}  {100 * result[_ACCURACY]:.2f} %")

    def on_trial_recover(self, *, trial: Trial, **_: Any) -> None:  # type: ignore[override]
        self._report(f"{trial.config[NUMBER]:3d}  failed; resuming from its last finished epoch")
