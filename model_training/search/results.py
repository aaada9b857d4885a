"""The results of a search: ranked trials, as a table, a plot, and the best recipe."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from model_training.evaluation.figure_style import ACCENT, INK, QUIET, STYLE, save_figures
from model_training.search.space import Space
from model_training.training.config import TrainingConfig
from model_training.training.recipe import Values, with_values, write_recipe

BEST_FILE = "best.json"
_COLUMNS = 5  # of the plot
_LEAST_ERROR = 0.01  # percent; a logarithm has no zero

State = Literal["finished", "stopped", "failed"]


@dataclass(frozen=True)
class TrialResult:
    """The result of one trial."""

    number: int  # 0 is the recipe unchanged
    values: Values  # the searched values of the recipe
    state: State  # "stopped" is early, by the scheduler
    epochs: int  # number of finished epochs
    accuracy: float  # on the validation digits after the last of them; 0 without any
    seconds: float  # duration of the epochs


def rank(results: Iterable[TrialResult]) -> list[TrialResult]:
    """Sort, best first: finished trials by accuracy, then the others by epochs."""
    order = ("finished", "stopped", "failed")
    return sorted(results, key=lambda result: (order.index(result.state), -result.epochs, -result.accuracy))


def write_results(
    output: Path, results: Iterable[TrialResult], *, config: TrainingConfig, space: Space
) -> str:
    """Write trials.json, trials.md, trials.png and best.json into `output`, and return the table."""
    ranked = rank(results)
    contents = {"recipe": config.as_dict(), "trials": [dataclasses.asdict(result) for result in ranked]}
    (output / "trials.json").write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
    table = _format_table(ranked)
    (output / "trials.md").write_text(table + "\n", encoding="utf-8")
    with mpl.rc_context(STYLE):
        save_figures(output, {"trials": _plot(ranked, space)})
    write_recipe(output / BEST_FILE, with_values(config, ranked[0].values))
    return table


def _format_table(ranked: Sequence[TrialResult]) -> str:
    """Return a Markdown table with aligned columns; names without `augmentation.`."""
    names = [name.rpartition(".")[2] for name in ranked[0].values]
    lines = [["trial", "", "epochs", "minutes", "validation", *names]]
    for result in ranked:
        values = (f"{v:.3g}" if isinstance(v, float) else str(v) for v in result.values.values())
        measured = [f"{result.seconds / 60:.1f}", f"{100 * result.accuracy:.2f} %"]
        lines.append([str(result.number), result.state, str(result.epochs), *measured, *values])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join([rows[0], rule, *rows[1:]])


def _plot(ranked: Sequence[TrialResult], space: Space) -> Figure:
    """Plot the validation error of the trials over each searched value."""
    shown = [result for result in ranked if result.epochs]
    groups = {
        "stopped early": (QUIET, "o", [result for result in shown if result.state != "finished"]),
        "finished": (ACCENT, "o", [result for result in shown if result.state == "finished"]),
        "unchanged recipe": (INK, "D", [result for result in shown if result.number == 0]),
    }
    columns = min(len(space), _COLUMNS)
    rows = -(-len(space) // columns)
    figure = Figure(figsize=(1.9 * columns + 0.8, 2.4 * rows + 0.6), layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axes in grid.flat[len(space) :]:
        axes.set_axis_off()
    for axes, (name, domain) in zip(grid.flat, space.items(), strict=False):
        for label, (colour, marker, results) in groups.items():
            errors = [max(100 * (1 - result.accuracy), _LEAST_ERROR) for result in results]
            values = [result.values[name] for result in results]
            if domain.kind == "choice":  # the unchanged value may be none of them: it is drawn left of them
                values = [domain.limits.index(v) if v in domain.limits else -1 for v in values]
            axes.scatter(values, errors, color=colour, marker=marker, label=label, zorder=3)
        axes.set(xlabel=name.rpartition(".")[2].replace("_", " "), yscale="log")
        if domain.kind == "choice":
            axes.set_xticks(range(len(domain.limits)), [str(limit) for limit in domain.limits])
        elif domain.kind == "loguniform":
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())
    figure.supylabel("validation error, percent")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(groups))
    return figure
