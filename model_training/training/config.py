"""The configuration (recipe) of a training run, as one frozen value."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

Architecture = Literal["classic", "residual"]
Precision = Literal["float32", "bfloat16"]
# Accepted values in a recipe file, see recipe.py.
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]


@dataclass(frozen=True)
class Augmentation:
    """Limits of the random variation; each value is drawn uniformly from -limit to limit.

    Attributes:
        rotation: degrees.
        shear: horizontal shift of a pixel row per pixel of height.
        scale: relative change of width and of height, independently.
        shift: pixels.
        cut: share of the images with a straight cut of random direction through the strokes.
        cut_width: the widest cut, in pixels.
    """

    rotation: NonNegative = 10.0
    shear: NonNegative = 0.15
    scale: BelowOne = 0.1
    shift: NonNegative = 2.0
    cut: Share = 0.1
    cut_width: NonNegative = 2.5


@dataclass(frozen=True)
class Teacher:
    """A trained network for distillation: the sha256 and the path of its file in a release."""

    sha256: str
    file: Path = field(compare=False)


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run depends on; equal values on the same machine give the same network.

    Attributes:
        architecture: name of the network, see network.py.
        width: multiplier of the network's channels.
        epochs: passes over MNIST's training digits; the learning rate falls to zero over them.
        batch_size: images per step.
        learning_rate: the maximum, reached after the warm-up.
        warmup_epochs: over which the learning rate rises from zero.
        weight_decay: of AdamW, per unit of learning rate.
        ema_momentum: of the exponential moving average of the weights, which is what is released.
        precision: of the arithmetic during training; the released network is float32.
        validation_size: digits held out of the 60,000.
        seed: of the initial weights, the order of the digits and their variation.
        augmentation: limits of the variation of the training images.
        drawn_share: share of each batch drawn from stroke templates; MNIST digits fill the rest.
        non_digit_share: share of each batch that shows no digit; above 0 the network learns to refuse.
        reinked_share: share of each batch with MNIST digits redrawn with other pens.
        cluttered_share: share of each batch with lines and specks around MNIST and drawn digits, half each.
        drawn_digits: number of different drawn digits in a run.
        non_digits: likewise.
        reinked_digits: likewise.
        cluttered_digits: likewise.
        teachers: networks for distillation; without any, only labels are learnt from.
        taught_share: weight of the teachers' soft targets in the loss; the labels have the rest.
        teaching_temperature: softens the logits of teacher and student in the loss.
    """

    architecture: Architecture = "residual"
    width: Positive = 1.0
    epochs: PositiveInt = 16
    batch_size: PositiveInt = 128
    learning_rate: Positive = 3e-3
    warmup_epochs: NonNegative = 1.0
    weight_decay: NonNegative = 0.02
    ema_momentum: BelowOne = 0.999
    precision: Precision = "bfloat16"
    validation_size: PositiveInt = 5000
    seed: NonNegativeInt = 0
    augmentation: Augmentation = field(default_factory=Augmentation)
    drawn_share: Share = 0.25
    non_digit_share: Share = 0.10
    reinked_share: Share = 0.15
    cluttered_share: Share = 0.08
    drawn_digits: NonNegativeInt = 150_000
    non_digits: NonNegativeInt = 60_000
    reinked_digits: NonNegativeInt = 110_000
    cluttered_digits: NonNegativeInt = 80_000
    teachers: tuple[Teacher, ...] = ()
    taught_share: Share = 0.6
    teaching_temperature: Positive = 2.0

    @property
    def refuses(self) -> bool:
        """Whether the network learns to refuse images that show no digit."""
        return self.non_digit_share > 0

    def as_dict(self) -> dict[str, Any]:
        """Return the values for JSON; teachers by their sha256."""
        return dataclasses.asdict(self) | {"teachers": [teacher.sha256 for teacher in self.teachers]}


# MNIST only, with little variation and a short schedule: enough for 99 %.
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
