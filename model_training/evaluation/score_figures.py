"""Figures of scores: confusion, mistakes, reliability, digit scores, robustness."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from model_training.evaluation.figure_style import ACCENT, INK, QUIET, PictureGrid
from model_training.evaluation.scores import Evaluation, Reliability

_SCORES_SHOWN = (2e-4, 1 - 2e-4)  # digit scores are clipped to this range


def plot_confusion(test: Evaluation) -> Figure:
    """Plot the confusion matrix of the test digits; the colour shows mistakes only."""
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    axis = figure.subplots()
    confusion = test.confusion
    mistakes = confusion - np.diag(np.diag(confusion))
    axis.imshow(mistakes, cmap="Reds", vmin=0, vmax=max(mistakes.max() * 1.5, 1))
    for label, prediction in np.ndindex(*confusion.shape):
        colour, text = QUIET if label == prediction else INK, str(confusion[label, prediction] or "")
        axis.text(prediction, label, text, ha="center", va="center", color=colour, fontsize=9)
    axis.set(title=f"{len(test.labels):,} test digits, accuracy {100 * test.accuracy:.2f} %")
    ticks = range(len(confusion))
    axis.set(xlabel="prediction", ylabel="label", xticks=ticks, yticks=ticks)
    axis.grid(visible=False)
    return figure


def plot_mistakes(images: NDArray[np.generic], evaluation: Evaluation, *, rows: int = 3) -> Figure:
    """Plot the most confident mistakes among the evaluated images (n, 28, 28)."""
    columns = 8
    labels, predictions = evaluation.labels, evaluation.probabilities.argmax(axis=1)
    confidence = evaluation.probabilities.max(axis=1)
    wrong = np.flatnonzero(~evaluation.correct)
    title = f"The most confident of {len(wrong)} mistakes: label → prediction, confidence"
    wrong = wrong[np.argsort(-confidence[wrong])][: rows * columns]
    grid = PictureGrid(rows, columns, title=title, cell_inches=1.1, captioned=True)
    for place, index in enumerate(wrong):
        caption = f"{labels[index]} → {predictions[index]}  {100 * confidence[index]:.0f} %"
        grid.show(*divmod(place, columns), images[index], caption=caption)
    return grid.figure


def plot_reliability(datasets: Mapping[str, Reliability]) -> Figure:
    """Plot accuracy against confidence, one panel per data set; the diagonal is perfect calibration."""
    figure = Figure(figsize=(3.6 * len(datasets), 3.9), layout="constrained")
    panels = figure.subplots(1, len(datasets), squeeze=False)[0]
    for axis, (name, each) in zip(panels, datasets.items(), strict=True):
        axis.plot([0, 1], [0, 1], color=QUIET, linewidth=1)
        filled = each.counts > 0
        axis.plot(each.confidence[filled], each.accuracy[filled], color=ACCENT, linewidth=1)
        # The area of a point grows with the logarithm of its count: nearly all are in the last bin.
        sizes = 10 * np.log2(1 + each.counts[filled])
        axis.scatter(each.confidence[filled], each.accuracy[filled], s=sizes, color=ACCENT, zorder=3)
        axis.set_title(f"{name}\ncalibration error {100 * each.error:.2f} %", fontsize=10)
        axis.set(xlabel="confidence", ylabel="accuracy", aspect="equal")
        axis.set(xlim=(-0.03, 1.05), ylim=(-0.03, 1.05))
    return figure


def plot_digit_scores(
    digits: Mapping[str, NDArray[np.floating]],
    others: Mapping[str, NDArray[np.floating]],
    *,
    threshold: float,
) -> Figure:
    """Plot the share of digits and of others that reaches each digit score, and the acceptance threshold.

    The scores are on a log-odds axis, since most of them are near 0 or near 1.
    """
    figure = Figure(figsize=(7.5, 3.8), layout="constrained")
    axis = figure.subplots()
    axis.set_xscale("logit")
    for colour, sets in ((ACCENT, digits), (INK, others)):
        for line, (name, scores) in zip(("-", "--", ":"), sets.items(), strict=False):
            reached = 100 * (1 - np.arange(len(scores)) / len(scores))
            label = f"{name} ({len(scores):,})"
            shown = np.sort(scores).clip(*_SCORES_SHOWN)
            axis.plot(shown, reached, color=colour, linestyle=line, label=label)
    axis.axvline(threshold, color=QUIET, linewidth=1)
    ticks = [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set(title=f"Share that reaches a digit score; acceptance threshold {threshold:.3f}")
    axis.set(xlabel="digit score", ylabel="percent")
    axis.legend(loc="lower left")
    return figure


def plot_robustness(accuracies: Mapping[str, Sequence[float]], *, clean: float) -> Figure:
    """Plot the accuracy under each corruption, for strengths 1 to 5."""
    figure = Figure(figsize=(7.5, 5.2), layout="constrained")
    axis = figure.subplots()
    names = sorted(accuracies, key=lambda name: -float(np.mean(accuracies[name])))
    table = 100 * np.array([accuracies[name] for name in names])
    axis.imshow(100 - table, cmap="Reds", vmin=0, vmax=160, aspect="auto")
    for row, column in np.ndindex(*table.shape):
        axis.text(column, row, f"{table[row, column]:.1f}", ha="center", va="center", fontsize=9)
    axis.set(title=f"Accuracy in percent under corruptions; {100 * clean:.2f} without", xlabel="strength")
    axis.set_xticks(range(table.shape[1]), [str(1 + strength) for strength in range(table.shape[1])])
    axis.set_yticks(range(len(names)), names)
    axis.grid(visible=False)
    return figure
