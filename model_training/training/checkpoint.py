"""Checkpoints that survive a kill at any moment: a folder for each epoch, put in place by one rename.

Keras's BackupAndRestore overwrites weights and epoch number in place, one after the other: a kill between the
two repeats or skips an epoch, and a kill during the first leaves an unreadable file.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from model_training.data.mnist import Digits
from model_training.data.pen_digits import PenDigit
from model_training.errors import RunMismatchError
from model_training.training.config import TrainingConfig

History = list[dict[str, float]]
OnEpoch = Callable[[History], None]


def identify(config: TrainingConfig, digits: Digits, pen_digits: Sequence[PenDigit] = ()) -> dict[str, Any]:
    """Return what a run depends on, as JSON values: its recipe and the sha256 of its digits."""
    arrays = [digits.images, digits.labels, *([] if digits.writers is None else [digits.writers])]
    arrays += [stroke for digit in pen_digits for stroke in digit.strokes]
    data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
    identity = config.as_dict() | {"digits_sha256": hashlib.sha256(data).hexdigest()}
    return json.loads(json.dumps(identity))  # type: ignore[no-any-return]


def check_identity(file: Path, identity: dict[str, Any]) -> None:
    """Write what a run depends on to `file`, which may exist already from an earlier attempt.

    Raises:
        RunMismatchError: `file` belongs to a run with another identity.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")
        os.replace(partial, file)
    elif json.loads(file.read_text(encoding="utf-8")) != identity:
        raise RunMismatchError(
            f"{file.parent} holds a run of another configuration or of other data; finish that run, "
            "delete the folder, or choose another --output"
        )


def median_seconds(history: History) -> float:
    """Return the median time of an epoch, rounded to a tenth of a second."""
    return round(float(np.median([epoch["seconds"] for epoch in history])), 1)


class Checkpoints(keras.callbacks.Callback):  # type: ignore[misc]
    """Save weights, optimizer state and history after each epoch; keep the last epoch only.

    Attributes:
        history: the logs of each finished epoch, and its `seconds` with validation.
    """

    def __init__(
        self,
        folder: Path,
        identity: dict[str, Any],
        *,
        on_epoch: OnEpoch = lambda _: None,
        later_epochs: int = 0,
    ) -> None:
        """Create a callback that resumes only a run with the same `identity`, a dict of JSON values.

        `on_epoch` is called with the history before the first epoch and after each checkpoint. `later_epochs`
        are those of the networks to be trained after this one; they count for the time left.

        Raises:
            RunMismatchError: `folder` holds a run with another identity.
        """
        super().__init__()
        self._folder, self._on_epoch, self._later_epochs = folder, on_epoch, later_epochs
        self._start = 0.0
        self.history: History = []
        check_identity(folder / "run.json", identity)

    def restore(self, model: keras.Model) -> int:
        """Load the last finished epoch into the compiled `model`, if any; return the number of epochs."""
        last = _last_epoch(self._folder)
        if last is not None:
            model.optimizer.build(model.trainable_variables)
            model.load_weights(last / "state.weights.h5")
            self.history = read_history(self._folder)
        return len(self.history)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self._on_epoch(self.history)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        self._start = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the new checkpoint, delete the previous one, and add the time left in the run to `logs`."""
        logs = {} if logs is None else logs
        values = {name: float(value) for name, value in logs.items()}
        self.history.append(values | {"seconds": time.monotonic() - self._start})
        previous = _last_epoch(self._folder)
        partial = self._folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        self.model.save_weights(partial / "state.weights.h5")
        (partial / "history.json").write_text(json.dumps(self.history, indent=2))
        os.replace(partial, self._folder / f"epoch-{epoch + 1:04d}")
        if previous is not None:
            shutil.rmtree(previous)
        self._on_epoch(self.history)
        left = self.params["epochs"] - len(self.history) + self._later_epochs
        if left:  # Keras shows it in the progress line of the epoch
            seconds = np.median([past["seconds"] for past in self.history])
            logs["minutes_left"] = max(round(left * float(seconds) / 60, 1), 0.1)


def read_history(folder: Path) -> History:
    """Return the logs of each finished epoch of the run with its checkpoints in `folder`."""
    last = _last_epoch(folder)
    return [] if last is None else json.loads((last / "history.json").read_text())


def _last_epoch(folder: Path) -> Path | None:
    return max(folder.glob("epoch-*"), default=None)
