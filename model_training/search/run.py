"""Runs trials on a cluster, as many at once as it has cores for."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.tune.experiment import Trial
from ray.tune.schedulers import TrialScheduler

from model_training.search.cluster import ClusterError
from model_training.search.trial import ACCURACY, EPOCH, NUMBER

_MOST_FAILURES = 3  # of one trial, before it is given up
_STATE_FILES = "experiment_state-*.json"  # Ray's own

Say = Callable[[str], None]


def run_trials(
    train_one: Callable[..., None],
    numbers: Iterable[int],
    *,
    folder: Path,
    cpus: int,
    say: Say,
    scheduler: TrialScheduler | None = None,
) -> dict[int, Exception | None]:
    """Calls `train_one` with `{"number": n}` for each number, in a process of its own.

    A process that dies is started again. With what Ray keeps in `folder`, an earlier try that was killed is
    gone on with: what is finished or was stopped is not begun again.

    Args:
        train_one: reports its epochs to Ray, and goes on from what it finds of an earlier try.
        numbers: of the trials.
        folder: seen by all machines of the cluster.
        cpus: of each trial.
        say: told of each epoch.
        scheduler: may stop trials early.

    Returns:
        By number, why a trial failed, or None.

    Raises:
        ClusterError: no machine has as many cores; Ray would wait for one for good.
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
                failure_config=tune.FailureConfig(max_failures=_MOST_FAILURES),
                callbacks=[_Teller(say)],
                verbose=0,
            ),
        )
    results = tuner.fit()
    found = (results[index] for index in range(len(results)))
    return {(result.config or {})[NUMBER]: result.error for result in found}


def _check_cores(cpus: int) -> None:
    nodes = ray.nodes()  # type: ignore[no-untyped-call]
    most = max(node["Resources"].get("CPU", 0) for node in nodes if node["Alive"])
    if 0 < most < cpus:  # with none at all it is a cluster that grows as it is asked
        raise ClusterError(
            f"a trial of {cpus} cores fits no machine of the cluster; the largest has {most:.0f}"
        )


class _Teller(tune.Callback):
    """Says a line for each epoch of a trial."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def on_trial_result(
        self,
        iteration: int,  # noqa: ARG002
        trials: list[Trial],  # noqa: ARG002
        trial: Trial,
        result: dict[str, Any],
        **info: Any,  # noqa: ARG002
    ) -> None:
        """Called by Ray."""
        self._say(f"{trial.config[NUMBER]:3d}  epoch {result[EPOCH]}  {100 * result[ACCURACY]:.2f} %")

    def on_trial_recover(
        self,
        iteration: int,  # noqa: ARG002
        trials: list[Trial],  # noqa: ARG002
        trial: Trial,
        **info: Any,  # noqa: ARG002
    ) -> None:
        """Called by Ray."""
        self._say(f"{trial.config[NUMBER]:3d}  failed; it goes on from its last finished epoch")
