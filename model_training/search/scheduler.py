"""Which trials are stopped early: asynchronous successive halving, with a memory."""

from pathlib import Path

from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial
from ray.tune.schedulers import AsyncHyperBandScheduler

from model_training.search.trial import ACCURACY, EPOCH, NUMBER, checkpoints_of
from model_training.training.checkpoint import read_history

_GRACE = 1 / 6  # of the epochs: what a trial may show before it is compared
_KEPT = 3  # one trial in so many goes on from each comparison; the next is after so many times the epochs


class Halving(AsyncHyperBandScheduler):
    """Stops a trial that is not among the best third of those that came as far, by their validation accuracy.

    A search that is begun again has another scheduler, and Ray tells it nothing of the first one's trials.
    """

    def __init__(self, output: Path, *, epochs: int) -> None:
        """`output`: where the trials of the search keep what they have reached."""
        super().__init__(
            time_attr=EPOCH,
            metric=ACCURACY,
            mode="max",
            max_t=epochs,
            grace_period=max(round(_GRACE * epochs), 1),
            reduction_factor=_KEPT,
        )
        self._output = output

    def on_trial_add(self, tune_controller: TuneController, trial: Trial) -> None:
        """Called by Ray, for each trial of this search or of the one that it goes on with."""
        super().on_trial_add(tune_controller, trial)
        history = read_history(checkpoints_of(self._output, trial.config[NUMBER]))
        # Of its last epoch a trial that goes on tells by itself, and may be stopped for it.
        known = len(history) - (trial.status != Trial.TERMINATED)
        for epoch, logs in enumerate(history[:known], start=1):
            self.on_trial_result(tune_controller, trial, {EPOCH: epoch, ACCURACY: logs["val_accuracy"]})
