"""The server compared with others: the same drawings and load generator, one server after the other."""

import argparse
import subprocess
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from benchmarks.results import describe_machine, write_results
from benchmarks.service.candidates import list_candidates
from benchmarks.service.load import find_wrk
from benchmarks.service.measure import measure, time_import_of_gradio
from benchmarks.service.report import compute_ratios, save_plot, write_text

_CONNECTIONS = (1, 8, 64)
_SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--seconds",
        type=int,
        default=_SECONDS,
        help="seconds of load for each server and number of connections (default %(default)s)",
    )
    parser.add_argument(
        "--keras",
        type=Path,
        help="model.keras of a release; random weights without it",
    )


def run(options: argparse.Namespace) -> None:
    """Measure every server, and write the results."""
    notes = [describe_machine(), _describe_load(options.seconds), _describe_keras(options.keras)]
    gradio_seconds = time_import_of_gradio()
    notes.append(f'`python -c "import gradio"`: {gradio_seconds:.1f} s')
    measured = []
    for candidate in list_candidates(keras_file=options.keras):
        print(f"({candidate.letter}) {candidate.name}...", flush=True)
        measured.append(measure(candidate, connections=_CONNECTIONS, seconds=options.seconds))
    ratios = compute_ratios(measured, gradio_seconds=gradio_seconds)
    data = {
        "notes": notes,
        "servers": [asdict(each) for each in measured],
        "ratios": [asdict(ratio) | {"holds": ratio.holds} for ratio in ratios],
    }
    write_results(options.output, "service", data=data, text=write_text(measured, ratios, notes=notes))
    save_plot(measured, options.output / "service.png")


def _describe_load(seconds: int) -> str:
    # `wrk -v` prints version and usage, and exits with an error.
    printed = subprocess.run([find_wrk(), "-v"], capture_output=True, text=True, check=False).stdout
    version = " ".join(printed.split()[:2])
    return (
        f"{version}, one thread, {seconds} s each; ten drawings of 280x280 pixels in turn, grey PNG "
        "in base64 in JSON; a refused request counts in the latencies, but not in the rate"
    )


def _describe_keras(file: Path | None) -> str:
    if not find_spec("tensorflow"):
        return "(d) and (e) need the dependencies of training"
    weights = f"the weights of {file.name}" if file else "random weights, which take the same time"
    return f"(d) and (e): the released architecture with {weights}"
