"""The figures of a release: what a data scientist would look at first."""

from itertools import chain
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from model_training.data.augmentation import Augmentation, random_affine
from model_training.data.drawings import see
from model_training.data.handwriting import write
from model_training.data.mnist import Digits, Mnist
from model_training.data.templates import load_templates
from model_training.evaluation.evaluate import Evaluation
from model_training.training.checkpoint import History
from model_training.training.config import TrainingConfig

_INK, _ACCENT, _QUIET, _FAINT = "#1f2937", "#2563eb", "#9ca3af", "#e5e7eb"
_STYLE: Any = {
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "font.size": 10,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _QUIET,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": _FAINT,
    "legend.frameon": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def write_figures(
    folder: Path, *, config: TrainingConfig, history: History, mnist: Mnist, test: Evaluation
) -> None:
    """Writes samples, augmented, curves, confusion and mistakes as PNG into the new folder `folder`."""
    folder.mkdir()
    with mpl.rc_context(_STYLE):
        figures = {
            "samples": plot_samples(mnist.train),
            "augmented": plot_augmented(mnist.train, config.augmentation, seed=config.seed),
            "curves": plot_curves(history),
            "confusion": plot_confusion(test),
            "mistakes": plot_mistakes(mnist.test, test),
        }
        if config.drawn_share > 0:
            figures["styles"] = plot_styles(seed=config.seed)
        for name, figure in figures.items():
            figure.savefig(folder / f"{name}.png", bbox_inches="tight", metadata={"Software": None})


def plot_samples(digits: Digits, *, columns: int = 12) -> Figure:
    """The first digits of each label, a row a label."""
    figure, cells = _grid(10, columns, title="Training digits, a row for each label")
    for label, row in enumerate(cells):
        for cell, image in zip(row, digits.images[digits.labels == label][:columns], strict=False):
            _show(cell, image)
        row[0].set_ylabel(str(label), rotation=0, labelpad=12, va="center")
    return figure


def plot_augmented(digits: Digits, augmentation: Augmentation, *, seed: int, columns: int = 12) -> Figure:
    """One digit of each label, as it is and as the network meets it."""
    figure, cells = _grid(10, columns, title="Left as in MNIST, then as varied for training")
    for label, row in enumerate(cells):
        for original in digits.images[digits.labels == label][:1]:
            copies = np.repeat(original[None, ..., None] / 255.0, columns - 1, axis=0).astype(np.float32)
            varied = random_affine(tf.constant(copies), augmentation, seed=tf.constant([seed, label]))
            for cell, image in zip(row, [original / 255.0, *varied.numpy()[..., 0]], strict=True):
                _show(cell, image)
    return figure


def plot_styles(*, seed: int, examples: int = 2) -> Figure:
    """Every style in which each digit is drawn for training: a column a style, by a few hands."""
    templates = load_templates("digits")
    styles = [[t for t in templates if t.sign == str(digit)] for digit in range(10)]
    figure, cells = _grid(
        10 * examples, max(map(len, styles)), title="The styles of each digit", cell_inches=0.4
    )
    for digit, row in enumerate(styles):
        for column, template in enumerate(row):
            generator = np.random.default_rng([seed, digit, column])
            for example, image in enumerate(see(write(template, examples, generator=generator))):
                _show(cells[digit * examples + example][column], image)
    return figure


def plot_curves(history: History) -> Figure:
    """Loss and error rate over the epochs, both on a logarithmic axis: near 100 %, accuracy shows nothing."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2)
    epochs = np.arange(1, len(history) + 1)
    for name, label, colour in (("", "training, varied digits", _QUIET), ("val_", "validation", _ACCENT)):
        errors = [100 * (1 - epoch[f"{name}accuracy"]) for epoch in history]
        axes[0].plot(epochs, [epoch[f"{name}loss"] for epoch in history], color=colour, label=label)
        axes[1].plot(epochs, np.maximum(errors, 1e-3), color=colour, label=label)
    for axis, title in zip(axes, ("Loss", "Wrong answers, percent"), strict=True):
        axis.set(title=title, xlabel="epoch", yscale="log")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_locator(NullLocator())
        axis.legend()
    return figure


def plot_confusion(test: Evaluation) -> Figure:
    """How many test digits were read as what; the colour shows mistakes only."""
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    axis = figure.subplots()
    mistakes = test.confusion - np.diag(np.diag(test.confusion))
    axis.imshow(mistakes, cmap="Reds", vmin=0, vmax=max(mistakes.max() * 1.5, 1))
    for truth, answer in np.ndindex(10, 10):
        count = test.confusion[truth, answer]
        if count:
            colour = _QUIET if truth == answer else _INK
            axis.text(answer, truth, str(count), ha="center", va="center", color=colour, fontsize=9)
    axis.set(title=f"{len(test.labels):,} test digits, {100 * test.accuracy:.2f} % right")
    axis.set(xlabel="read as", ylabel="is", xticks=range(10), yticks=range(10))
    axis.grid(visible=False)
    return figure


def plot_mistakes(digits: Digits, test: Evaluation, *, columns: int = 8, rows: int = 3) -> Figure:
    """The wrong answers that the network was surest of."""
    confidence, answers = test.probabilities.max(axis=1), test.probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != test.labels)
    wrong = wrong[np.argsort(-confidence[wrong])][: rows * columns]
    title = (
        f"The most confident of {int((answers != test.labels).sum())} mistakes: label → answer, confidence"
    )
    figure, cells = _grid(rows, columns, title=title, cell_inches=1.1)
    for cell, index in zip(chain.from_iterable(cells), wrong, strict=False):
        _show(cell, digits.images[index])
        caption = f"{digits.labels[index]} → {answers[index]}  {100 * confidence[index]:.0f} %"
        cell.set_title(caption, fontsize=8, loc="center")
    return figure


def _grid(
    rows: int, columns: int, *, title: str, cell_inches: float = 0.7
) -> tuple[Figure, list[list[Axes]]]:
    figure = Figure(figsize=(columns * cell_inches, rows * cell_inches + 0.5), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    cells: list[list[Axes]] = figure.subplots(rows, columns, squeeze=False).tolist()
    for cell in chain.from_iterable(cells):
        cell.set(xticks=[], yticks=[])
        cell.grid(visible=False)
        for spine in cell.spines.values():
            spine.set_visible(False)
    return figure, cells


def _show(cell: Axes, image: NDArray[np.generic]) -> None:
    cell.imshow(image, cmap="gray_r", interpolation="nearest")
