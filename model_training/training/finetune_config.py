"""The configuration of a fine-tuning, as one frozen value.

The defaults are for 40 to 1,000 corrections, on two cores, in minutes.
"""

from dataclasses import dataclass

import numpy as np

from model_training.training.config import LineConfig

_LINE = LineConfig(
    epochs=4,
    lines_per_epoch=320,
    learning_rate=3e-4,
    weight_decay=0.0,
    ema_momentum=0.9,
    precision="float32",
)


@dataclass(frozen=True)
class FinetuneConfig:
    """What a fine-tuning depends on, beside the release and the data."""

    batch_size: int = 128
    correction_share: float = 0.12  # of each batch; replayed data fill the rest, by the release's own shares
    near_share: float = 0.2  # of each batch, replayed images that are most like corrections
    near_images: int = 1000  # how many of these there are
    searched: int = 20_000  # images of each kind among which they are found
    plain_share: float = 0.25  # of the corrections, with their own pen; the others are drawn again
    learning_rate: float = 2e-4  # the maximum, after the warm-up; falls to zero in the last epoch
    weight_decay: float = 0.0
    redrawn: int = 3000  # drawings of the corrections by other pens, or as many as there are corrections
    taught_share: float = 0.9  # weight of the old network's soft targets for replayed data
    steps_per_epoch: int = 20
    warmup_steps: int = 20
    least_epochs: int = 6  # for 40 corrections or fewer
    most_epochs: int = 30  # for 1,000 or more; in between, by the logarithm of their number
    patience: int = 4  # epochs with fewer held-out corrections right than before, until an early stop
    line: LineConfig = _LINE  # of the line network
    seed: int = 0

    @property
    def corrected(self) -> int:
        """Return how many images of a batch are corrections."""
        return round(self.correction_share * self.batch_size)

    @property
    def near(self) -> int:
        """Return how many images of a batch are replayed because they are like corrections."""
        return round(self.near_share * self.batch_size)

    @property
    def replayed(self) -> int:
        """Return how many images of a batch are replayed in the shares of the release's recipe."""
        return self.batch_size - self.corrected - self.near

    def epochs(self, corrections: int) -> int:
        """Return the number of epochs for so many corrections."""
        place = np.log(np.clip(corrections, 40, 1000) / 40) / np.log(1000 / 40)
        return int(self.least_epochs + place * (self.most_epochs - self.least_epochs))


# For other numerals: there is nothing to be replayed but images that show none of them.
NEW_LABELS = FinetuneConfig(
    correction_share=0.75,
    near_share=0.0,
    learning_rate=1e-3,
    redrawn=12_000,
    taught_share=0.0,
    least_epochs=30,
    patience=10,
)
