"""Command line: `python -m model_training COMMAND`."""

import argparse
import os
import sys
from collections.abc import Sequence

from model_training.errors import ModelTrainingError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    try:
        options = _parser().parse_args(arguments)
    except ModuleNotFoundError as error:
        return _fail(f"training needs {error.name}: pip install '.[train]', or make train.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # hides TensorFlow's notes on CPU kernels, not errors
    try:
        options.run(options)
    except ModuleNotFoundError as error:
        return _fail(f"{error.name} is not installed: pip install '.[train]', or make train.")
    except (ModelTrainingError, OSError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail(options.interrupted)
    return 0


def _parser() -> argparse.ArgumentParser:
    # Their dependencies are optional.
    from model_training.commands import corrections, evaluate, finetune, improve, publish, study, train

    parser = argparse.ArgumentParser(
        prog="python -m model_training", description="Train the handwritten digit reader."
    )
    parser.set_defaults(interrupted="stopped")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (train, finetune, evaluate, study, corrections, improve, publish):
        command.add_command(commands)
    return parser


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
