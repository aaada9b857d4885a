"""`train`: a network on MNIST, and a release folder."""

import argparse
from pathlib import Path
from typing import Any

from model_training.commands.errors import report_errors
from model_training.commands.recipe import add_recipe, configured, output_folder


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command."""
    train = commands.add_parser(
        "train",
        help="train a network on MNIST and write a release folder",
        description="Trains a network on MNIST and writes a release folder: model.keras, reader.tflite, "
        "release.json, a model card and figures. Stopped at any moment and started again with the same "
        "command, it goes on from its last finished epoch.",
    )
    add_recipe(train, output="releases/<architecture>, or releases/quick")
    train.add_argument("--seed", type=int, metavar="N", help="of everything random (default: 0)")
    train.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    output = output_folder(options, "releases")

    def run() -> None:
        # Here, so that --help answers at once, without TensorFlow.
        from model_training.data.mnist import load_mnist
        from model_training.training.train import train

        if output.exists():
            raise FileExistsError(f"{output} exists; delete it to train again, or choose another --output")
        config = configured(options, seed=options.seed)
        _print_summary(train(config, load_mnist(options.data), output=output), output)

    return report_errors(run)


def _print_summary(description: dict[str, Any], output: Path) -> None:
    from model_training.evaluation.report_text import recall_table, score_line

    training = description["training"]
    test = {m["metric"]: m["value"] for m in description["metrics"] if m["dataset"] == "MNIST test"}
    size = next(m["size"] for m in description["metrics"] if m["dataset"] == "MNIST test")
    reader_bytes = description["files"]["reader.tflite"]["size"]
    print(
        f"\n{description['name']}: {training['parameters']:,} parameters, {training['epochs']} epochs of "
        f"{training['epoch_seconds']:.0f} s, seed {training['seed']}\n",
        score_line("MNIST test", test | {"size": size}) + "\n",
        *recall_table(test),
        f"\nreader.tflite: {reader_bytes / 1e6:.2f} MB; release and figures in {output}",
        sep="\n",
    )
