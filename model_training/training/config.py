"""The whole recipe of one training run, in one frozen value."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from model_training.data.augmentation import Augmentation

Architecture = Literal["classic", "residual"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Teacher:
    """A trained network that another learns from: what it is, and the release's file that it is in now."""

    sha256: str
    file: Path = field(compare=False)


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run depends on; the same values on the same machine give the same network.

    Attributes:
        architecture: name of the network, see network.py.
        width: times the network's own number of channels in each layer.
        epochs: passes over MNIST's training digits; the learning rate falls to zero over them.
        batch_size: digits a step.
        learning_rate: the highest, reached after the warm-up.
        warmup_epochs: over which the learning rate rises from zero.
        weight_decay: of AdamW, for each unit of learning rate.
        ema_momentum: of the exponential moving average of the weights, which is what is released.
        precision: of the arithmetic in training; the released network is float32 either way.
        validation_size: digits held out of the 60,000 to decide with.
        seed: of the first weights, the order of the digits and their variation.
        augmentation: how far the training digits are varied.
        drawn_share: of each batch, digits drawn from stroke templates; MNIST makes up what is left.
        non_digit_share: of each batch, pictures that are no digit; with any, the network learns to refuse.
        reinked_share: of each batch, MNIST's training digits written once more with other pens.
        cluttered_share: of each batch, digits of MNIST and drawn ones, half each, among lines and specks.
        drawn_digits: how many different ones are drawn for a run.
        non_digits: likewise.
        reinked_digits: likewise.
        cluttered_digits: likewise.
        teachers: trained networks whose answers are learnt from, too; without any, labels are all there is.
        taught_share: of the loss, what the teachers' answers make up; labels make up what is left.
        teaching_temperature: that both answers are softened with where they are compared.
    """

    architecture: Architecture = "residual"
    width: float = 1.0
    epochs: int = 16
    batch_size: int = 128
    learning_rate: float = 3e-3
    warmup_epochs: float = 1.0
    weight_decay: float = 0.02
    ema_momentum: float = 0.999
    precision: Precision = "bfloat16"
    validation_size: int = 5000
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)
    drawn_share: float = 0.25
    non_digit_share: float = 0.10
    reinked_share: float = 0.15
    cluttered_share: float = 0.08
    drawn_digits: int = 150_000
    non_digits: int = 60_000
    reinked_digits: int = 110_000
    cluttered_digits: int = 80_000
    teachers: tuple[Teacher, ...] = ()
    taught_share: float = 0.6
    teaching_temperature: float = 2.0

    @property
    def refuses(self) -> bool:
        """Whether the network learns what is no digit."""
        return self.non_digit_share > 0

    def as_dict(self) -> dict[str, Any]:
        """The values for JSON; of the teachers what they are, not where."""
        return dataclasses.asdict(self) | {"teachers": [teacher.sha256 for teacher in self.teachers]}


# MNIST alone, little variation and a short, steep schedule: few epochs suffice for 99 %, none is wasted.
QUICK = TrainingConfig(
    architecture="classic",
    epochs=4,
    ema_momentum=0.99,
    augmentation=Augmentation(rotation=5.0, shear=0.1, scale=0.05, shift=1.0, cut=0.0),
    drawn_share=0.0,
    non_digit_share=0.0,
    reinked_share=0.0,
    cluttered_share=0.0,
)


def configure(*, quick: bool = False, **overrides: Any) -> TrainingConfig:
    """The full recipe, or the quick one, with those `overrides` that are not None."""
    given = {name: value for name, value in overrides.items() if value is not None}
    return dataclasses.replace(QUICK if quick else TrainingConfig(), **given)
