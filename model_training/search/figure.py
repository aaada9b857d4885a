"""The trials of a search as lines across parallel axes: one for each value, and one for what came of it."""

from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model_training.evaluation.figure_style import ACCENT, INK, QUIET
from model_training.search.space import Domain, Space
from model_training.search.tried import Tried

_BEST = 3  # how many stand out
_INCHES = 1.35  # from axis to axis
_NAME_LETTERS = 12  # in a line
_LEAST_WRONG = 0.01  # percent; a logarithm has no zero


def plot_trials(ranked: Sequence[Tried], space: Space) -> Figure:
    """The best trials, the first of `ranked`, in colour, those that were stopped pale.

    The last axis tells the wrong answers to validation digits, logarithmic, the fewest at the top.
    """
    shown = [tried for tried in ranked if tried.epochs]
    wrong = [max(100 * (1 - tried.accuracy), _LEAST_WRONG) for tried in shown]
    outcome = Domain("loguniform", [max(wrong) * 1.01, min(wrong)])  # upside down; never without extent
    figure = Figure(figsize=(_INCHES * (len(space) + 1) + 0.6, 4.4), layout="constrained")
    axes = figure.subplots()
    for index, tried in reversed(list(enumerate(shown))):
        heights = [_height(domain, tried.values[name]) for name, domain in space.items()]
        axes.plot([*heights, _height(outcome, wrong[index])], **_style(index, tried))
    for place, (name, domain) in enumerate(space.items()):
        ticks = domain.limits if domain.kind == "choice" else _between(domain)
        title = fill(name.rpartition(".")[2].replace("_", " "), _NAME_LETTERS)
        _draw_axis(axes, place, title, ticks=ticks, domain=domain)
    _draw_axis(axes, len(space), "wrong,\npercent", ticks=_between(outcome), domain=outcome)
    axes.set(xlim=(-0.2, len(space) + 0.55), ylim=(-0.06, 1.03), xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    stopped = sum(tried.state == "stopped" for tried in shown)
    told = f"{len(shown)} trials: the best in blue, the recipe as it was dashed, the {stopped} stopped pale"
    figure.suptitle(told, x=0.01, ha="left", fontsize=11)
    return figure


def _style(index: int, tried: Tried) -> dict[str, Any]:
    if index < _BEST and tried.state == "finished":
        style = {"color": ACCENT, "linewidth": 1.4 if index else 2.6, "zorder": 4}
    elif tried.state == "finished":
        style = {"color": INK, "linewidth": 1.0, "alpha": 0.5, "zorder": 3}
    else:
        style = {"color": QUIET, "linewidth": 0.9, "alpha": 0.45, "zorder": 2}
    if tried.number == 0:
        style |= {"linestyle": (0, (4, 2)), "alpha": 1.0}
    return style


def _height(domain: Domain, value: Any) -> float:
    """0 to 1; what the recipe had before may lie outside of the space, and is drawn at its edge."""
    if domain.kind == "choice":
        if value in domain.limits:
            return (domain.limits.index(value) + 0.5) / len(domain.limits)
        return 0.0
    low, high, at = domain.limits[0], domain.limits[1], value
    if domain.kind == "loguniform":
        low, high, at = np.log(low), np.log(high), np.log(at)
    return float(np.clip((at - low) / (high - low), 0.0, 1.0))


def _between(domain: Domain) -> list[float]:
    low, high = domain.limits
    if domain.kind == "loguniform":
        return [float(value) for value in np.geomspace(low, high, 5)]
    return [float(value) for value in np.linspace(low, high, 5)]


def _draw_axis(axes: Axes, place: int, name: str, *, ticks: Iterable[Any], domain: Domain) -> None:
    axes.plot([place, place], [0, 1], color=INK, linewidth=0.8, zorder=5)
    axes.text(place, 1.04, name, ha="center", va="bottom", fontsize=9)
    for tick in ticks:
        label = str(tick) if domain.kind == "choice" else f"{tick:.2g}"
        box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8}
        at = _height(domain, tick)
        axes.text(place + 0.05, at, label, va="center", fontsize=8, zorder=6, bbox=box)
