"""The configuration (recipe) of a training run, as one frozen value."""

import dataclasses
from dataclasses import dataclass, field
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
    """Limits of the random variation; all but `elastic` are drawn uniformly from -limit to limit."""

    rotation: NonNegative = 6.0  # degrees
    shear: NonNegative = 0.1  # horizontal shift of a pixel row per pixel of height
    scale: BelowOne = 0.07  # relative change of width and of height, independently
    shift: NonNegative = 1.5  # pixels
    elastic: NonNegative = 0.5  # standard deviation of a smooth displacement of each pixel, in pixels
    cut: Share = 0.1  # of the images, with a straight cut of random direction through the strokes
    cut_width: NonNegative = 2.5  # of the widest cut, in pixels


@dataclass(frozen=True)
class LineConfig:
    """What the training of the line reader depends on, beside seed and data."""

    width: Positive = 1.0  # multiplier of the network's channels
    epochs: PositiveInt = 28
    lines_per_epoch: PositiveInt = 25_600  # synthesised anew for each
    batch_size: PositiveInt = 16
    learning_rate: Positive = 1.5e-3  # the maximum, after the warm-up; falls to zero in the last epoch
    weight_decay: NonNegative = 0.02
    ema_momentum: BelowOne = 0.999
    ctc_weight: NonNegative = 0.5  # of connectionist temporal classification beside the columns' labels
    precision: Precision = "bfloat16"
    validation_lines: PositiveInt = 1024


@dataclass(frozen=True)
class TrainingConfig:
    """What a training run depends on; equal values on the same machine give the same network."""

    architecture: Architecture = "residual"
    width: Positive = 1.0  # multiplier of the network's channels
    epochs: PositiveInt = 16  # passes over MNIST's training digits
    batch_size: PositiveInt = 128
    learning_rate: Positive = 3e-3  # the maximum, after the warm-up; falls to zero in the last epoch
    warmup_epochs: NonNegative = 1.0  # over which the learning rate rises from zero
    weight_decay: NonNegative = 0.02  # of AdamW, per unit of learning rate
    ema_momentum: BelowOne = 0.999  # of the moving average of the weights, which is released
    precision: Precision = "bfloat16"  # of the arithmetic during training; the released network is float32
    validation_size: PositiveInt = 5000  # digits held out of the 60,000
    seed: NonNegativeInt = 0  # of the initial weights, the order of the digits and their variation
    augmentation: Augmentation = field(default_factory=Augmentation)
    # Shares of each batch; MNIST's training digits fill the rest.
    drawn_share: Share = 0.17  # digits drawn from stroke templates and fonts
    non_digit_share: Share = 0.10  # images that show no digit; above 0 the network learns to refuse
    redrawn_share: Share = 0.19  # MNIST digits drawn again with other pens
    pen_share: Share = 0.14  # digits of real pens; without them, there are more of MNIST's drawn again
    cluttered_share: Share = 0.06  # MNIST and drawn digits, half each, with lines and specks added
    # Number of different images of each kind in a run.
    drawn_digits: NonNegativeInt = 150_000
    non_digits: NonNegativeInt = 60_000
    redrawn_digits: NonNegativeInt = 110_000
    pen_drawings: NonNegativeInt = 60_000
    cluttered_digits: NonNegativeInt = 80_000
    line: LineConfig | None = field(default_factory=LineConfig)  # None: that of the bundled release
    teachers: NonNegativeInt = 1  # networks of other seeds, trained first, for distillation
    taught_share: Share = 0.6  # weight of the teachers' soft targets in the loss; labels have the rest
    teaching_temperature: Positive = 2.0  # divisor of the logits of teacher and student in the loss

    @property
    def refuses(self) -> bool:
        """Whether the network learns to refuse images that show no digit."""
        return self.non_digit_share > 0

    @property
    def learns_from_pens(self) -> bool:
        """Whether pen digits and the writers of MNIST make a difference."""
        return self.pen_share > 0 or self.line is not None

    def as_dict(self) -> dict[str, Any]:
        """Return the values for JSON."""
        return dataclasses.asdict(self)


# MNIST only, with little variation and a short schedule: enough for 99 %.
QUICK = TrainingConfig(
    architecture="classic",
    epochs=2,
    learning_rate=7e-3,
    warmup_epochs=0.5,
    ema_momentum=0.99,
    augmentation=Augmentation(rotation=5.0, shear=0.1, scale=0.05, shift=1.0, elastic=0.0, cut=0.0),
    drawn_share=0.0,
    non_digit_share=0.0,
    redrawn_share=0.0,
    pen_share=0.0,
    cluttered_share=0.0,
    teachers=0,
    line=None,
)
