"""`evaluate`: measure a release."""

import argparse
from pathlib import Path
from typing import Any

from model_training.commands.options import DATA_HELP


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="measure a release: accuracy, calibration, robustness, drawn cases, speed",
        description="Measure a release through its exported reader: MNIST test digits, calibration, "
        "non-digits, 15 corruptions at 5 strengths, drawn cases, milliseconds and size. Print the report, "
        "and write evaluation.json and figures.",
    )
    evaluate.add_argument("release", type=Path, metavar="RELEASE", help="release folder")
    evaluate.add_argument(
        "--cases", type=Path, metavar="FILE", help="npz file of drawn cases (see evaluation/cases.py)"
    )
    evaluate.add_argument(
        "--output", type=Path, metavar="FOLDER", help="report folder (default: evaluations/<name>)"
    )
    evaluate.add_argument("--data", type=Path, metavar="FILE", help=DATA_HELP)
    evaluate.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    # Imported here, because TensorFlow would delay --help.
    from model_training.data.mnist import load_mnist
    from model_training.evaluation.cases import load_cases
    from model_training.evaluation.report import evaluate_release, write_report
    from model_training.release.release_folder import read_description

    output = options.output or Path("evaluations") / options.release.resolve().name
    read_description(options.release)  # an error in the name comes before the download
    cases = load_cases(options.cases) if options.cases else None
    test = load_mnist(options.data).test
    print(write_report(evaluate_release(options.release, test, cases=cases, output=output)))
    print(f"\nevaluation.json and figures in {output}")
