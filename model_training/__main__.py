"""The command line: `python -m model_training train | evaluate | study | publish`."""

import argparse
import os
import sys
from collections.abc import Sequence

from model_training.commands import evaluate, publish, study, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    # TensorFlow tells of its CPU kernels at length; its errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    exit_code: int = options.run(options)
    return exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model_training", description="Trains the handwritten digit reader."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (train, evaluate, study, publish):
        command.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
