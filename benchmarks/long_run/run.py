"""Minutes of mixed load on page and API: checks responses; records memory, open files and threads."""

import argparse
import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
import uvloop
from matplotlib.figure import Figure

from benchmarks.long_run.visitors import VISITORS, Tally, Visit, read_unloaded
from benchmarks.results import describe_machine, table, write_results
from benchmarks.servers import Server, resident_megabytes, run_app

_VISITORS_OF_A_KIND = 2
_SAMPLE_SECONDS = 1.0
_SETTLED = 0.2  # share of the time; growth is measured afterwards


@dataclass(frozen=True)
class Sample:
    """Resources of the server at one moment.

    Attributes:
        minutes: since the load began.
        megabytes: resident memory.
        files: open files and connections.
        threads: number of threads.
    """

    minutes: float
    megabytes: float
    files: int
    threads: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--minutes", type=float, default=10, help="duration (default %(default)s)")


def run(options: argparse.Namespace) -> None:
    """Measure, and write the results."""
    machine = describe_machine()
    with run_app(page=True) as server:
        tally, samples = uvloop.run(_load(server, minutes=options.minutes))
    data = {
        "machine": machine,
        "minutes": options.minutes,
        "tally": vars(tally),
        "samples": [asdict(sample) for sample in samples],
    }
    write_results(options.output, "long_run", data=data, text=_write_text(machine, tally, samples))
    _save_plot(samples, options.output / "long_run.png")


async def _load(server: Server, *, minutes: float) -> tuple[Tally, list[Sample]]:
    tally = Tally()
    visit = Visit(server.port, await read_unloaded(server.port), tally)
    visitors = [
        asyncio.ensure_future(visitor(visit))
        for visitor in VISITORS.values()
        for _ in range(_VISITORS_OF_A_KIND)
    ]
    process, samples, start = psutil.Process(server.process.pid), list[Sample](), perf_counter()
    while (passed := (perf_counter() - start) / 60) < minutes:
        samples.append(Sample(passed, resident_megabytes(process), process.num_fds(), process.num_threads()))
        ended, _ = await asyncio.wait(visitors, timeout=_SAMPLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for visitor in ended:
            visitor.result()  # raises: a visitor ends only by an error
    for visitor in visitors:
        visitor.cancel()
    return tally, samples


def _write_text(machine: str, tally: Tally, samples: list[Sample]) -> str:
    settled = samples[int(_SETTLED * len(samples)) :]
    minutes = [sample.minutes for sample in settled]
    rows = []
    for name in ("megabytes", "files", "threads"):
        values = [getattr(sample, name) for sample in settled]
        growth = float(np.polyfit(minutes, values, 1)[0]) if len(settled) > 1 else float("nan")
        shown = (getattr(samples[0], name), values[0], max(values), values[-1])
        rows.append((name, *(f"{value:.0f}" for value in shown), f"{growth:+.2f}"))
    settled_after = f"after {minutes[0]:.1f} min"
    parts = [
        "# Long run\n",
        f"- {machine}\n- {samples[-1].minutes:.1f} minutes, {_VISITORS_OF_A_KIND} visitors of each kind, "
        f"{tally.correct.total():,} correct responses, {tally.wrong.total()} wrong\n",
        table(
            ("visitor", "correct", "503", "wrong"),
            [(name, f"{tally.correct[name]:,}", tally.busy[name], tally.wrong[name]) for name in VISITORS],
        ),
        table(("server", "start", settled_after, "maximum", "end", "growth a minute"), rows),
        "".join(f"- {example}\n" for example in tally.examples),
    ]
    return "\n".join(parts)


def _save_plot(samples: list[Sample], path: Path) -> None:
    figure = Figure(figsize=(9, 6), layout="constrained")
    names = {"megabytes": "resident memory, MB", "files": "open files", "threads": "threads"}
    for axes, (name, label) in zip(figure.subplots(3, 1, sharex=True), names.items(), strict=True):
        axes.plot([sample.minutes for sample in samples], [getattr(sample, name) for sample in samples])
        axes.set(ylabel=label, ylim=(0, None))
        axes.grid(alpha=0.3)
    axes.set_xlabel("minutes of mixed load")
    figure.savefig(path, dpi=120)
