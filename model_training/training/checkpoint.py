"""Checkpoints that survive a kill at any moment: one whole folder an epoch, put in place by a rename.

Keras's own BackupAndRestore writes weights and epoch number one after the other in place, so a kill between
the two repeats or loses an epoch, and one within the first leaves a file that cannot be read.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from model_training.data.mnist import Digits
from model_training.training.config import TrainingConfig

History = list[dict[str, float]]


class CheckpointMismatchError(ValueError):
    """The folder holds a run of another configuration or of other data."""


def identify(config: TrainingConfig, digits: Digits) -> dict[str, Any]:
    """What a run depends on, as JSON values: its recipe, and the `digits` that it learns from."""
    data = np.ascontiguousarray(digits.images).tobytes() + np.ascontiguousarray(digits.labels).tobytes()
    identity = config.as_dict() | {"digits_sha256": hashlib.sha256(data).hexdigest()}
    return json.loads(json.dumps(identity))  # type: ignore[no-any-return]


class Checkpoints(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes weights, optimizer state and history after each epoch; keeps the last epoch only.

    Attributes:
        history: the logs of each finished epoch.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        """`identity`: what the run depends on, as JSON values; a run goes on only where it is the same.

        Raises:
            CheckpointMismatchError: `folder` was begun with another identity.
        """
        super().__init__()
        self._folder = folder
        self.history: History = []
        folder.mkdir(parents=True, exist_ok=True)
        identity_file = folder / "run.json"
        if not identity_file.exists():
            _write_whole(identity_file, json.dumps(identity, indent=2))
        elif json.loads(identity_file.read_text()) != identity:
            raise CheckpointMismatchError(
                f"{folder} holds an unfinished run of another configuration; finish that one, delete the "
                "folder, or choose another --output"
            )

    def restore(self, model: keras.Model) -> int:
        """Loads the last finished epoch into the compiled `model`, if there is one.

        Returns:
            The number of finished epochs.
        """
        last = _last_epoch(self._folder)
        if last is None:
            return 0
        model.optimizer.build(model.trainable_variables)
        model.load_weights(last / "state.weights.h5")
        self.history = _history(last)
        return len(self.history)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Called by Keras."""
        self.history.append({name: float(value) for name, value in (logs or {}).items()})
        previous = _last_epoch(self._folder)
        partial = self._folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        self.model.save_weights(partial / "state.weights.h5")
        (partial / "history.json").write_text(json.dumps(self.history, indent=2))
        os.replace(partial, self._folder / f"epoch-{epoch + 1:04d}")
        if previous is not None:
            shutil.rmtree(previous)


def read_history(folder: Path) -> History:
    """The logs of each finished epoch of the run whose checkpoints are in `folder`."""
    last = _last_epoch(folder)
    return [] if last is None else _history(last)


def _last_epoch(folder: Path) -> Path | None:
    return max(folder.glob("epoch-*"), default=None)


def _history(epoch: Path) -> History:
    return json.loads((epoch / "history.json").read_text())  # type: ignore[no-any-return]


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    os.replace(partial, path)
