"""Checkpoints that survive a kill at any moment: one whole folder an epoch, put in place by a rename.

Keras's own BackupAndRestore writes weights and epoch number one after the other in place, so a kill between
the two repeats or loses an epoch, and one within the first leaves a file that cannot be read.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import keras

History = list[dict[str, float]]


class CheckpointMismatchError(ValueError):
    """The folder holds a run of another configuration or of other data."""


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
        last = self._last()
        if last is None:
            return 0
        model.optimizer.build(model.trainable_variables)
        model.load_weights(last / "state.weights.h5")
        self.history = json.loads((last / "history.json").read_text())
        return len(self.history)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Called by Keras."""
        self.history.append({name: float(value) for name, value in (logs or {}).items()})
        previous = self._last()
        partial = self._folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        self.model.save_weights(partial / "state.weights.h5")
        (partial / "history.json").write_text(json.dumps(self.history, indent=2))
        os.replace(partial, self._folder / f"epoch-{epoch + 1:04d}")
        if previous is not None:
            shutil.rmtree(previous)

    def _last(self) -> Path | None:
        return max(self._folder.glob("epoch-*"), default=None)


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    os.replace(partial, path)
