"""The model card, written out of release.json and nothing else, so that each number in it was measured.

It is rendered twice. The card in a release folder has examples that open the files beside it; publishing
renders it again for the repo, whose name nobody knows before, and puts the new card's hash into the
release.json that goes with it. So folder and repo each hold a whole release, and no name is left to fill in.
"""

import textwrap
from typing import Any

from model_training.release.card.metadata import card_metadata
from model_training.release.card.results import label_table, results_table
from model_training.release.card.snippets import snippets_for_folder, snippets_for_repo

_CARD = """\
---
{metadata}
---

# Handwritten digit reader: {name}

Reads one handwritten digit, says how sure it is, and whether the drawing is a digit at all.

- `model.keras` is the network: float32 (n, 28, 28, 1), 0 black paper to 1 white ink, to ten logits.
- `reader.tflite` is the same network with everything around it: one drawing of any position and size, uint8
  (1, {ink_size}, {ink_size}), 0 paper to 255 ink, to calibrated `probabilities`, a `digit_score` in 0..1, and
  the picture `seen` that the network looked at.
- `release.json` holds scores, configuration, versions, threshold, and the sha256 of every other file.

## What it is for

Single digits drawn with a pen, finger or mouse, or cut out of a scan or photograph; longer numbers when
something else, such as this project's app, has cut them into digits. It runs on a server, in a browser or on
a phone.

It is not for letters or other scripts, for numbers whose digits touch, or for decisions about money, health,
identity or marks without a person who checks them. It proves nothing about who wrote a digit.

## How to use it

{snippets}
## Training

{training_text}

## Results

{results}

{results_text}

{labels}

{figures}

## Limits and bias

{limits}

## How it was made, and how to make it again

{reproduction}

MNIST is by LeCun, Cortes and Burges, under CC BY-SA 3.0; this model is under the MIT licence.
"""
_FIGURES = {
    "figures/confusion.png": "Confusion matrix on the test digits",
    "figures/mistakes.png": "The most confident mistakes",
    "figures/reliability.png": "What confidence is worth",
    "figures/digit_or_not.png": "Digit scores of digits and of what is none",
    "figures/curves.png": "Loss and error over the epochs",
    "figures/samples.png": "Training digits",
    "figures/augmented.png": "Training digits as they are varied",
    "figures/styles.png": "Styles in which digits are drawn for training",
}
_MNIST_WRITERS = """\
MNIST: the handwriting of about 250 employees of the United States Census Bureau and American high school
students, scanned in the 1990s, one digit at a time"""
_FROM_MNIST = f"""\
It learnt from {_MNIST_WRITERS}. Styles that MNIST lacks are often misread: a 1 with a long upstroke, a
barred 7, a slashed 0, as many people write them elsewhere."""
_FROM_DRAWINGS = f"""\
It learnt from {_MNIST_WRITERS}; and from
strokes that a program draws after templates of styles that MNIST lacks. Whoever writes in yet another style
is misread more often, and no score above says how often: writers are not told apart by country, age or
hand."""
_LARGEST_PROBABILITY = """\
It never saw anything but digits: the digit score is only the largest probability, and a letter or a doodle
can get a high one."""
_REFUSES = """\
The digit score was learnt from drawn letters, signs, scribbles and blots; something else that is no digit can
still get a high score."""


def render_card(description: dict[str, Any], *, repo_id: str | None = None) -> str:
    """The text of README.md.

    Args:
        description: the contents of release.json, with its files other than the card.
        repo_id: `user/name` on the Hub; without, the card is for the release folder.
    """
    ink_size, threshold = description["input"]["shape"][1], description["acceptance_threshold"]
    if repo_id is None:
        snippets = snippets_for_folder(ink_size=ink_size, threshold=threshold)
    else:
        snippets = snippets_for_repo(repo_id, ink_size=ink_size, threshold=threshold)
    training = description["training"]
    return _CARD.format(
        metadata=card_metadata(description),
        name=description["name"],
        ink_size=ink_size,
        snippets=snippets,
        training_text=_wrap(_describe_training(training)),
        results=results_table(description["metrics"]),
        results_text=_wrap(_describe_results(description)),
        labels=label_table(description["metrics"]),
        figures="\n".join(
            f"![{caption}]({path})" for path, caption in _FIGURES.items() if path in description["files"]
        ),
        limits=_wrap(
            _FROM_DRAWINGS if training["drawn_share"] > 0 else _FROM_MNIST,
            _REFUSES if training["non_digit_share"] > 0 else _LARGEST_PROBABILITY,
        ),
        reproduction=_wrap(_describe_reproduction(description)),
    )


def _wrap(*texts: str) -> str:
    """Paragraphs in lines of equal length, whatever was filled in."""
    paragraphs = "\n\n".join(texts).split("\n\n")
    return "\n\n".join(textwrap.fill(text, 110, break_on_hyphens=False) for text in paragraphs)


def _describe_training(training: dict[str, Any]) -> str:
    shares = {
        "digits drawn from templates of strokes": training["drawn_share"],
        "drawn non-digits": training["non_digit_share"],
        "MNIST's training digits, written once more with other pens": training.get("reinked_share", 0.0),
        "digits of both kinds among lines, specks and grain": training.get("cluttered_share", 0.0),
    }
    mixture = [f"{100 * (1 - sum(shares.values())):.0f} % MNIST"]
    mixture += [f"{100 * share:.0f} % {source}" for source, share in shares.items() if share > 0]
    return f"""\
A convolutional network of {training["parameters"]:,} parameters, trained on
{training["training_digits"]:,} of MNIST's training digits, each varied anew by rotation, shear, size and
place whenever it is seen. A batch of {training["batch_size"]} is {", ".join(mixture)}.
{_describe_teaching(training)}
AdamW, {training["epochs"]} epochs fixed beforehand, of {training["epoch_seconds"]:.0f} s each; learning rate
{training["learning_rate"]:g} after a warm-up of {training["warmup_epochs"]:g} epochs, falling to zero as a
cosine; weight decay {training["weight_decay"]:g}; {training["precision"]} arithmetic. What is released is the
moving average of the weights (momentum {training["ema_momentum"]:g}), in float32.

{training["validation_size"]:,} more training digits were held out to calibrate and to choose the acceptance
threshold; the test digits were scored once, at the end."""


def _describe_teaching(training: dict[str, Any]) -> str:
    teachers = training.get("teachers", [])
    if not teachers:
        return ""
    network = "a trained network" if len(teachers) == 1 else f"{len(teachers)} trained networks"
    return f"""\
Labels make up {100 * (1 - training["taught_share"]):.0f} % of the loss; the rest is the distance to the
answers of {network} to the same pictures, softened by temperature {training["teaching_temperature"]:g}.
"""


def _describe_results(description: dict[str, Any]) -> str:
    return f"""\
Probabilities are calibrated with temperature {description["temperature"]:.3f}. The acceptance threshold
{description["acceptance_threshold"]:.3f} accepts 99 % of the validation digits and drawn digits together.
{_describe_agreement(description)}Drawn digits and non-digits come from templates of strokes, with another
seed than those that were learnt from; they are nobody's handwriting. Recall and precision of each digit of
the MNIST test set:"""


def _describe_agreement(description: dict[str, Any]) -> str:
    found = [m for m in description["metrics"] if m["metric"] == "largest_difference_of_reader"]
    if not found:  # in releases that were made before it was kept
        return ""
    most, size = found[0]["value"], found[0]["size"]
    return f"Reader and network differ by at most {most:.1g} in a probability ({size:,} test digits).\n"


def _describe_reproduction(description: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in description["libraries"].items())
    training = description["training"]
    taught = bool(training.get("teachers"))
    command = f"train{' --teachers RELEASE ...' if taught else ''}"
    return f"""\
From seed {training["seed"]}, public MNIST and this project alone, with
`python -m model_training {command}`; `training` in `release.json` holds every value of the
configuration{", the teachers by their sha256" if taught else ""}. The same values on the same machine give
the same network, even after a run that was killed and went on. Versions:
{libraries}."""
