"""Figures of what a network or reader gets right and wrong."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_training.evaluation.calibration import Reliability
from model_training.evaluation.evaluate import Evaluation
from model_training.evaluation.figure_style import ACCENT, INK, QUIET, PictureGrid

_SCORES_SHOWN = (2e-4, 1 - 2e-4)  # beyond them, digit scores stand at the edge


def plot_confusion(test: Evaluation) -> Figure:
    """How many test digits were read as what; the colour shows mistakes only."""
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    axis = figure.subplots()
    mistakes = test.confusion - np.diag(np.diag(test.confusion))
    axis.imshow(mistakes, cmap="Reds", vmin=0, vmax=max(mistakes.max() * 1.5, 1))
    for truth, answer in np.ndindex(10, 10):
        count = test.confusion[truth, answer]
        if count:
            colour = QUIET if truth == answer else INK
            axis.text(answer, truth, str(count), ha="center", va="center", color=colour, fontsize=9)
    axis.set(title=f"{len(test.labels):,} test digits, {100 * test.accuracy:.2f} % right")
    axis.set(xlabel="read as", ylabel="is", xticks=range(10), yticks=range(10))
    axis.grid(visible=False)
    return figure


def plot_mistakes(
    images: NDArray[np.generic],
    labels: NDArray[np.str_],
    probabilities: NDArray[np.floating],
    *,
    columns: int = 8,
    rows: int = 3,
) -> Figure:
    """The surest wrong answers, of pictures (n, 28, 28), their labels (n,), probabilities (n, 10)."""
    confidence, answers = probabilities.max(axis=1), probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers.astype(str) != labels)
    title = f"The most confident of {len(wrong)} mistakes: label → answer, confidence"
    wrong = wrong[np.argsort(-confidence[wrong])][: rows * columns]
    grid = PictureGrid(rows, columns, title=title, cell_inches=1.1, captioned=True)
    for place, index in enumerate(wrong):
        caption = f"{labels[index]} → {answers[index]}  {100 * confidence[index]:.0f} %"
        grid.show(*divmod(place, columns), images[index], caption=caption)
    return grid.figure


def plot_reliability(found: Mapping[str, Reliability]) -> Figure:
    """How often answers of each confidence are right, a panel a data set; the diagonal is honest."""
    figure = Figure(figsize=(3.6 * len(found), 3.9), layout="constrained")
    panels = figure.subplots(1, len(found), squeeze=False)[0]
    for axis, (dataset, each) in zip(panels, found.items(), strict=True):
        axis.plot([0, 1], [0, 1], color=QUIET, linewidth=1)
        some = each.counts > 0
        axis.plot(each.confidence[some], each.accuracy[some], color=ACCENT, linewidth=1)
        # The area of a point is the logarithm of its answers: nearly all are in the last.
        sizes = 10 * np.log2(1 + each.counts[some])
        axis.scatter(each.confidence[some], each.accuracy[some], s=sizes, color=ACCENT, zorder=3)
        axis.set_title(f"{dataset}\ncalibration error {100 * each.error:.2f} %", fontsize=10)
        axis.set(xlabel="confidence", ylabel="share of right answers", aspect="equal")
        axis.set(xlim=(-0.03, 1.05), ylim=(-0.03, 1.05))
    return figure


def plot_digit_scores(
    digits: Mapping[str, NDArray[np.floating]],
    others: Mapping[str, NDArray[np.floating]],
    *,
    threshold: float,
) -> Figure:
    """Which share of digits, and of other things, reaches each digit score, and where acceptance begins.

    The axis is that of the logarithm of the odds, since most scores are near 0 or near 1.
    """
    figure = Figure(figsize=(7.5, 3.8), layout="constrained")
    axis = figure.subplots()
    for colour, sets in ((ACCENT, digits), (INK, others)):
        for line, (name, scores) in zip(("-", "--", ":"), sets.items(), strict=False):
            reached = 100 * (1 - np.arange(len(scores)) / len(scores))
            label = f"{name} ({len(scores):,})"
            odds = _log_odds(np.sort(scores).clip(*_SCORES_SHOWN))
            axis.plot(odds, reached, color=colour, linestyle=line, label=label)
    axis.axvline(_log_odds(np.array(threshold)).item(), color=QUIET, linewidth=1)
    ticks = [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999]
    axis.set_xticks(_log_odds(np.array(ticks)).tolist(), [f"{tick:g}" for tick in ticks])
    axis.set(title=f"Share that reaches a digit score; accepted from {threshold:.3f} on")
    axis.set(xlabel="digit score", ylabel="percent")
    axis.legend(loc="lower left")
    return figure


def plot_robustness(accuracies: Mapping[str, Sequence[float]], *, clean: float) -> Figure:
    """The share of right answers under each corruption, for strengths 1 to 5."""
    figure = Figure(figsize=(7.5, 5.2), layout="constrained")
    axis = figure.subplots()
    names = sorted(accuracies, key=lambda name: -float(np.mean(accuracies[name])))
    table = 100 * np.array([accuracies[name] for name in names])
    axis.imshow(100 - table, cmap="Reds", vmin=0, vmax=160, aspect="auto")
    for row, column in np.ndindex(*table.shape):
        axis.text(column, row, f"{table[row, column]:.1f}", ha="center", va="center", fontsize=9)
    axis.set(title=f"Percent right under corruptions; {100 * clean:.2f} without", xlabel="strength")
    axis.set_xticks(range(table.shape[1]), [str(1 + strength) for strength in range(table.shape[1])])
    axis.set_yticks(range(len(names)), names)
    axis.grid(visible=False)
    return figure


def _log_odds(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.log(scores / (1 - scores))
