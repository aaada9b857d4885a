"""The curves: waiting times against load, and what machines serve against their number."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.capacity import costs
from benchmarks.capacity.costs import WAYS
from benchmarks.capacity.simulation import full_controller, most
from model_training.evaluation.figure_style import ACCENT, INK, QUIET, STYLE

_LOOKS = {
    costs.PLAIN.name: {"color": INK, "linewidth": 1.6},
    costs.SERVE_HAPROXY.name: {"color": ACCENT, "linewidth": 2.2},
    costs.SERVE_PROXIES.name: {"color": ACCENT, "linewidth": 1.2, "linestyle": (0, (4, 2))},
    costs.SERVE_ONE_PROXY.name: {"color": QUIET, "linewidth": 1.6},
}


def save_plot(
    path: Path,
    *,
    loads: Sequence[float],
    curves: Mapping[str, Sequence[tuple[float, float]]],
    machines: int,
) -> None:
    """Write both as one PNG.

    Args:
        path: of the file.
        loads: in parts of the most that is possible.
        curves: for each way, and each load, requests a second and p99 in milliseconds.
        machines: that the curves are of.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(10.5, 4), layout="constrained")
        left, right = figure.subplots(1, 2)
        for name, points in curves.items():
            left.plot([100 * load for load in loads], [p99 for _, p99 in points], label=name, **_LOOKS[name])
        left.set(
            title=f"Time to the answer that one in a hundred exceeds, {machines} machines",
            xlabel="load, percent of the most",
            ylabel="milliseconds",
            ylim=(0, 100),
            xlim=(0, 100),
        )
        numbers = np.unique(np.geomspace(1, 3000, 60).round().astype(int))
        for way in WAYS:
            rates = [costs.LOAD * most(way, int(number)) for number in numbers]
            right.plot(numbers, rates, label=way.name, **_LOOKS[way.name])
        full = full_controller() / costs.CORES
        for at, told in ((full, "controller full"), (costs.RAY_NODES, "Ray untested")):
            right.axvline(at, color=QUIET, linewidth=0.8, linestyle=":")
            right.text(at * 0.95, 200, told, rotation=90, ha="right", va="bottom", fontsize=8, color=QUIET)
        right.set(title=f"Requests a second at {100 * costs.LOAD:.0f} % load", xlabel="machines")
        right.set(xscale="log", yscale="log")
        for axis in (right.xaxis, right.yaxis):
            axis.set_major_formatter("{x:,.0f}")
        right.legend(fontsize=9)
        figure.savefig(path, metadata={"Software": None})
