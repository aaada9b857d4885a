"""The command line: `python -m model_training train`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


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
    train = commands.add_parser(
        "train",
        help="train a network on MNIST and write a release folder",
        description="Trains a network on MNIST and writes a release folder: model.keras, reader.tflite, "
        "release.json, a model card and figures. Stopped at any moment and started again with the same "
        "command, it goes on from its last finished epoch.",
    )
    train.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where the release folder goes (default: releases/<architecture>, or releases/quick)",
    )
    train.add_argument("--data", type=Path, metavar="FILE", help="mnist.npz (default: fetched, then cached)")
    train.add_argument(
        "--architecture", choices=["classic", "residual"], help="the network (default: residual)"
    )
    train.add_argument("--quick", action="store_true", help="about a minute on 2 cores, 99.0 %% and more")
    train.add_argument("--epochs", type=_positive, metavar="N", help="passes over the digits (default: 30)")
    train.add_argument("--seed", type=int, metavar="N", help="of everything random (default: 0)")
    train.add_argument(
        "--precision",
        choices=["float32", "bfloat16"],
        help="of the arithmetic while training (default: bfloat16, faster on recent CPUs)",
    )
    train.set_defaults(run=_train)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


def _train(options: argparse.Namespace) -> int:
    # Here, so that --help answers at once, without TensorFlow.
    from model_training.data.mnist import NotMnistError, load_mnist
    from model_training.training.checkpoint import CheckpointMismatchError
    from model_training.training.config import configure
    from model_training.training.train import train

    config = configure(
        quick=options.quick,
        architecture=options.architecture,
        epochs=options.epochs,
        seed=options.seed,
        precision=options.precision,
    )
    output: Path = options.output or Path("releases") / ("quick" if options.quick else config.architecture)
    try:
        description = train(config, load_mnist(options.data), output)
    except (NotMnistError, CheckpointMismatchError) as error:
        return _fail(str(error))
    except FileExistsError as error:
        return _fail(f"{error}; delete it to train again, or choose another --output")
    except KeyboardInterrupt:
        return _fail("stopped; the same command goes on from the last finished epoch")
    _print_summary(description, output)
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


def _print_summary(description: dict[str, Any], output: Path) -> None:
    training = description["training"]
    test = {m["metric"]: m["value"] for m in description["metrics"] if m["dataset"] == "MNIST test"}
    low, high = test["accuracy_interval_95"]
    print(
        f"\n{description['name']}: {training['parameters']:,} parameters, {training['epochs']} epochs of "
        f"{training['epoch_seconds']:.0f} s, seed {training['seed']}\n"
        f"MNIST test, 10,000 digits: {100 * test['accuracy']:.2f} % right "
        f"(95 % interval {100 * low:.2f} to {100 * high:.2f}), "
        f"calibration error {100 * test['calibration_error']:.2f} %\n"
    )
    print("digit   " + "".join(f"{digit:>7}" for digit in range(10)))
    for name in ("recall", "precision"):
        print(f"{name:9s}" + "".join(f"{100 * share:7.1f}" for share in test[name]))
    size = description["files"]["reader.tflite"]["size"]
    print(f"\nreader.tflite: {size / 1e6:.2f} MB; release and figures in {output}")


if __name__ == "__main__":
    sys.exit(main())
