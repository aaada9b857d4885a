"""One progress bar for the whole run, with loss, accuracy and the time left, and a line for each epoch."""

import sys
import time
from typing import Any

import keras
from tqdm import tqdm


class Progress(keras.callbacks.Callback):  # type: ignore[misc]
    """Counts the steps of a run that may have begun in an earlier process, and the seconds of its epochs.

    Stands before the callbacks that keep the logs: it adds `seconds` to those of each epoch.
    """

    def __init__(self, *, steps: int, first_epoch: int, epochs: int) -> None:
        super().__init__()
        # A log file has no use for a bar that is redrawn twice a second.
        interval = 0.5 if sys.stderr.isatty() else 30.0
        total, done = steps * epochs, steps * first_epoch
        self._bar: Any = tqdm(
            total=total, initial=done, unit="step", mininterval=interval, dynamic_ncols=True
        )
        self._epochs = epochs
        self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Called by Keras."""
        self._began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Called by Keras."""
        shown = {name: f"{value:.4f}" for name, value in (logs or {}).items() if name in ("loss", "accuracy")}
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Called by Keras; validation counts into the seconds."""
        logs = {} if logs is None else logs
        logs["seconds"] = time.monotonic() - self._began
        shown = "  ".join(f"{name} {value:.4f}" for name, value in logs.items() if name != "seconds")
        self._bar.write(
            f"epoch {epoch + 1}/{self._epochs}  {logs['seconds']:.0f} s  {shown}", file=sys.stderr
        )

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Called by Keras."""
        self._bar.close()
