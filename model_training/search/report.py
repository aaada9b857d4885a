"""What a search leaves: a table, a plot, and the best recipe as a file that `train` takes."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from model_training.evaluation.figure_style import STYLE, save_figures
from model_training.search.figure import plot_trials
from model_training.search.space import Space
from model_training.search.tried import Tried
from model_training.training.config import TrainingConfig
from model_training.training.recipe import with_values, write_recipe

BEST_FILE = "best.json"
_TRIALS = "trials"


def write_trials(output: Path, ranked: Sequence[Tried], *, config: TrainingConfig, space: Space) -> str:
    """Writes trials.json, trials.md, trials.png and best.json.

    Args:
        output: the folder.
        ranked: the best first.
        config: what the trials have in common.
        space: what they were drawn from.

    Returns:
        The table.
    """
    found = {"recipe": config.as_dict(), "trials": [dataclasses.asdict(tried) for tried in ranked]}
    (output / f"{_TRIALS}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    table = write_table(ranked)
    (output / f"{_TRIALS}.md").write_text(table + "\n", encoding="utf-8")
    with mpl.rc_context(STYLE):
        save_figures(output, {_TRIALS: plot_trials(ranked, space)})
    write_recipe(output / BEST_FILE, with_values(config, ranked[0].values))
    return table


def write_table(ranked: Sequence[Tried]) -> str:
    """A Markdown table, its columns in line; a name is the last part of the value's own."""
    head = ["trial", "", "epochs", "minutes", "validation", *(n.rpartition(".")[2] for n in ranked[0].values)]
    lines = [head]
    for tried in ranked:
        values = (f"{v:.3g}" if isinstance(v, float) else str(v) for v in tried.values.values())
        measured = [f"{tried.seconds / 60:.1f}", f"{100 * tried.accuracy:.2f} %"]
        lines.append([str(tried.number), tried.state, str(tried.epochs), *measured, *values])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return "\n".join([rows[0], rule, *rows[1:]])
