"""Style of the figures: colours, Matplotlib settings, and a grid of images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

INK, ACCENT, QUIET, FAINT = "#1f2937", "#2563eb", "#9ca3af", "#e5e7eb"
_GAP = 0.04  # on each side of an image; a cell is 1 wide
_CAPTIONED_HEIGHT = 1.2
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


class PictureGrid:
    """A figure of images in rows and columns, all in one Axes: an Axes for each would take seconds."""

    def __init__(
        self, rows: int, columns: int, *, title: str, cell_inches: float = 0.7, captioned: bool = False
    ) -> None:
        """Create an empty grid, with space above each image if `captioned`."""
        self._height = _CAPTIONED_HEIGHT if captioned else 1.0
        size = (columns * cell_inches, rows * cell_inches * self._height + 0.4)
        self.figure = Figure(figsize=size, layout="constrained")
        self.figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        self._axes = self.figure.subplots()
        self._axes.set(xlim=(0, columns), ylim=(rows * self._height, 0), aspect="equal", autoscale_on=False)
        self._axes.set_axis_off()

    def show(self, row: int, column: int, image: NDArray[np.generic], *, caption: str = "") -> None:
        """Draw a square image, 0 paper to the maximum ink, into a cell."""
        bottom = (row + 1) * self._height - _GAP
        extent = (column + _GAP, column + 1 - _GAP, bottom, bottom - (1 - 2 * _GAP))
        self._axes.imshow(image, cmap="gray_r", interpolation="nearest", extent=extent)
        middle = column + 0.5
        self._axes.text(middle, extent[3] - _GAP, caption, ha="center", va="bottom", fontsize=8)

    def label(self, row: int, text: str) -> None:
        """Write `text` to the left of a row."""
        self._axes.text(-_GAP, (row + 0.5) * self._height, text, ha="right", va="center")


def save_figures(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Save each figure as `<name>.png` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", bbox_inches="tight", metadata={"Software": None})
