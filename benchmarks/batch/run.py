"""`python -m app batch` with many pictures: one and two workers, Ray, and restarts after kills."""

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.batch.measure import Kills, Run, run_batch, run_with_kills
from benchmarks.batch.pictures import write_files, write_parquet
from benchmarks.results import describe_machine, table, write_results

_KILLS = 3
_ONE, _TWO = "files, one worker", "files, two workers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--pictures", type=int, default=100_000, help="number of pictures (default %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    """Write the pictures, run each kind of batch, and write the results."""
    machine, count = describe_machine(), options.pictures
    with tempfile.TemporaryDirectory(prefix="batch-") as folder:
        work = Path(folder)
        files, parquet = work / "files", work / "parquet"
        write_files(files, count=count)
        write_parquet(parquet, count=count)
        batches = {
            _ONE: (files, ("--workers", "1")),
            _TWO: (files, ("--workers", "2")),
            "Parquet, two workers": (parquet, ("--workers", "2")),
            "files, Ray, two workers": (files, ("--workers", "2", "--ray")),
        }
        runs = [
            run_batch(name, given, work / name, words, pictures=count, ray=work)
            for name, (given, words) in batches.items()
        ]
        kills = run_with_kills(files, work / "killed", uninterrupted=work / _TWO, times=_KILLS, ray=work)
    data = {"machine": machine, "runs": [asdict(each) for each in runs], "kills": asdict(kills)}
    write_results(options.output, "batch", data=data, text=_write_text(machine, runs, kills))
    _save_plot(runs, options.output / "batch.png")


def _write_text(machine: str, runs: list[Run], kills: Kills) -> str:
    rates = {each.name: each.rate for each in runs}
    heads = ("batch", "pictures", "seconds", "pictures a second", "peak memory", "growth for 10,000 pictures")
    rows: list[tuple[Any, ...]] = [
        (
            each.name,
            f"{each.pictures:,}",
            f"{each.seconds:.1f}",
            f"{each.rate:,.0f}",
            f"{each.peak:.0f} MB",
            f"{each.growth:+.1f} MB",
        )
        for each in runs
    ]
    parts = [
        "# Batches\n",
        f"- {machine}\n- drawings of 280x280 pixels, PNG; times include the start of the command\n"
        f"- two workers are {rates[_TWO] / rates[_ONE]:.2f} times as fast as one\n"
        f"- killed {len(kills.parts)} times, with {', '.join(map(str, kills.parts))} parts finished: "
        f"{kills.rows:,} rows of {kills.pictures:,} pictures, {kills.differing} of them different from the "
        "uninterrupted run\n",
        table(heads, rows),
    ]
    return "\n".join(parts)


def _save_plot(runs: list[Run], path: Path) -> None:
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    for each in runs:
        pictures = [seconds * each.rate for seconds, _ in each.samples]
        axes.plot(pictures, [megabytes for _, megabytes in each.samples], label=each.name)
    axes.set(xlabel="pictures read", ylabel="resident memory of all processes, MB", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
