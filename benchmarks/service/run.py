"""Our server beside others: the same drawings, the same load generator, one after the other, in one run."""

import argparse
import subprocess
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from benchmarks.results import describe_machine, write_results
from benchmarks.service.contenders import list_contenders
from benchmarks.service.load import find_wrk
from benchmarks.service.measure import measure, time_import_of_gradio
from benchmarks.service.report import compute_ratios, save_plot, write_text

_CONNECTIONS = (1, 8, 64)
_SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "--seconds", type=int, default=_SECONDS, help="of load, for each server and number of connections"
    )
    parser.add_argument(
        "--keras",
        type=Path,
        help="a release's model.keras; random weights of the same network when not given",
    )


def run(options: argparse.Namespace) -> None:
    """Measure every server and write what was found."""
    notes = [describe_machine(), _describe_load(options.seconds), _describe_keras(options.keras)]
    gradio_seconds = time_import_of_gradio()
    notes.append(f'`python -c "import gradio"`: {gradio_seconds:.1f} s')
    measured = []
    for contender in list_contenders(keras_file=options.keras):
        print(f"({contender.letter}) {contender.name}...", flush=True)
        measured.append(measure(contender, connections=_CONNECTIONS, seconds=options.seconds))
    ratios = compute_ratios(measured, gradio_seconds=gradio_seconds)
    data = {
        "notes": notes,
        "servers": [asdict(each) for each in measured],
        "ratios": [asdict(ratio) | {"holds": ratio.holds} for ratio in ratios],
    }
    write_results(options.output, "service", data=data, text=write_text(measured, ratios, notes=notes))
    save_plot(measured, options.output / "service.png")


def _describe_load(seconds: int) -> str:
    # wrk tells its version where it tells how it is used, and calls that a failure.
    said = subprocess.run([find_wrk(), "-v"], capture_output=True, text=True, check=False).stdout
    version = " ".join(said.split()[:2])
    return (
        f"{version}, one thread, {seconds} s each; ten drawings of 280x280 pixels in turn, grey PNG "
        "in base64 in JSON; a refused answer is not counted as a request, but its time is"
    )


def _describe_keras(file: Path | None) -> str:
    if not find_spec("tensorflow"):
        return "training is not installed: no (d) and no (e)"
    weights = (
        f"the weights of {file.name}" if file else "random weights: the time is the same, the answers are not"
    )
    return f"(d) and (e): the released architecture with {weights}"
