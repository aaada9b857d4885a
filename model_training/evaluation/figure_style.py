"""How every figure looks: quiet, with one accent; and the grid of pictures that several are made of."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

INK, ACCENT, QUIET, FAINT = "#1f2937", "#2563eb", "#9ca3af", "#e5e7eb"
STYLE: Any = {
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": FAINT,
    "legend.frameon": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


def picture_grid(
    rows: int, columns: int, *, title: str, cell_inches: float = 0.7
) -> tuple[Figure, list[list[Axes]]]:
    """A figure of `rows` by `columns` bare cells, and the cells by row."""
    figure = Figure(figsize=(columns * cell_inches, rows * cell_inches + 0.5), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    cells: list[list[Axes]] = figure.subplots(rows, columns, squeeze=False).tolist()
    for cell in chain.from_iterable(cells):
        cell.set(xticks=[], yticks=[])
        cell.grid(visible=False)
        for spine in cell.spines.values():
            spine.set_visible(False)
    return figure, cells


def show(cell: Axes, image: NDArray[np.generic]) -> None:
    """Puts a picture (28, 28), 0 paper to the darkest ink, into a cell."""
    cell.imshow(image, cmap="gray_r", interpolation="nearest")


def save_figures(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Writes each figure as `<name>.png` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", bbox_inches="tight", metadata={"Software": None})
