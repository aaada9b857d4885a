"""The model card that goes with a release."""

from pathlib import Path
from typing import Any

_CARD = """\
---
license: mit
library_name: keras
pipeline_tag: image-classification
tags: [mnist, handwriting, digits, litert]
---

# Handwritten digit reader: {architecture}

Reads one handwritten digit. `model.keras` takes 28x28 pictures, white ink on black in 0..1, and gives ten
logits; `reader.tflite` takes a drawing of any position and size as 112x112 bytes, 0 paper to 255 ink, and
gives calibrated probabilities, a digit score and the 28x28 picture that it looked at.

| measured on | digits | right (95 % interval) | calibration error |
|---|---|---|---|
{rows}

Trained on {training_digits:,} of MNIST's training digits for {epochs} epochs from seed {seed};
{validation_size:,} more were held out for temperature ({temperature:.3f}) and acceptance threshold
({acceptance_threshold:.3f}); the test digits were scored once, at the end. {parameters:,} parameters. The
probabilities of reader and network differ by at most {largest_difference:.1g} (1,000 test digits). The
threshold accepts 99 % of the validation digits, and refuses {refused:.1f} % of {refused_of:,} drawn
non-digits.

![Loss and accuracy over the epochs](figures/curves.png)
![Confusion matrix on the test digits](figures/confusion.png)
![The most confident mistakes](figures/mistakes.png)
![What confidence is worth](figures/reliability.png)
![Digit scores of digits and of what is none](figures/digit_or_not.png)
![Training digits as they are varied](figures/augmented.png)

## Limits

{limits}

## Data

MNIST (LeCun, Cortes, Burges), CC BY-SA 3.0.
"""


_FROM_MNIST = """\
It learnt from MNIST alone: American writers of the 1990s, scanned, one digit at a time. Styles that MNIST
lacks are often misread."""
_FROM_DRAWINGS = """\
It learnt from MNIST (American writers of the 1990s, scanned, one digit at a time) and from strokes drawn by
templates. Styles that neither holds are often misread."""
_LARGEST_PROBABILITY = """\
What is no digit at all can get a high score: the digit score is only the largest probability."""
_REFUSES = """\
The digit score was learnt from drawn letters, signs, scribbles and blots; something else that is no digit
can still get a high score."""


def write_card(
    folder: Path,
    *,
    training: dict[str, Any],
    metrics: list[dict[str, Any]],
    temperature: float,
    acceptance_threshold: float,
    largest_difference: float,
) -> None:
    """Writes README.md; the arguments are those of `describe_release`."""
    datasets = dict.fromkeys(m["dataset"] for m in metrics if m["metric"] == "accuracy")
    refused = next(m for m in metrics if m["metric"] == "refused")
    card = _CARD.format(
        **training,
        rows="\n".join(_row(dataset, metrics) for dataset in datasets),
        limits="\n".join(
            [
                _FROM_DRAWINGS if training["drawn_share"] > 0 else _FROM_MNIST,
                _REFUSES if training["non_digit_share"] > 0 else _LARGEST_PROBABILITY,
            ]
        ),
        refused=100 * refused["value"],
        refused_of=refused["size"],
        temperature=temperature,
        acceptance_threshold=acceptance_threshold,
        largest_difference=largest_difference,
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def _row(dataset: str, metrics: list[dict[str, Any]]) -> str:
    value = {metric["metric"]: metric["value"] for metric in metrics if metric["dataset"] == dataset}
    size = next(metric["size"] for metric in metrics if metric["dataset"] == dataset)
    low, high = value["accuracy_interval_95"]
    return (
        f"| {dataset} | {size:,} | {100 * value['accuracy']:.2f} % ({100 * low:.2f} - {100 * high:.2f}) "
        f"| {100 * value['calibration_error']:.2f} % |"
    )
