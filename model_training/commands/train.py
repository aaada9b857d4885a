"""`train`: train both readers and write a release folder."""

import argparse
from pathlib import Path
from typing import Any

from model_training.commands.options import RESUME, add_recipe, make_config, output_folder


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    train = commands.add_parser(
        "train",
        help="train the readers of digits and of lines, and write a release folder",
        description="Train the digit reader and the line reader, and write a release folder: the networks "
        "for Keras, reader.tflite, line_reader.tflite, release.json, a model card and figures. After an "
        "interruption, the same command resumes from the last finished epoch.",
    )
    add_recipe(train, output="releases/<architecture>, or releases/quick")
    train.add_argument(
        "--writers",
        type=Path,
        metavar="FILE",
        help="qmnist-train-labels-idx2-int.gz, which names the writers of MNIST: lines by one hand",
    )
    train.add_argument(
        "--pen-digits",
        type=Path,
        metavar="FILE",
        help="pendigits-orig.tra of the UCI repository: lines by real pens",
    )
    train.add_argument("--seed", type=int, metavar="N", help="seed of all random numbers (default: 0)")
    train.set_defaults(run=_run, interrupted=RESUME)


def _run(options: argparse.Namespace) -> None:
    output = output_folder(options, "releases")
    if output.exists():
        raise FileExistsError(f"{output} exists; delete it to train again, or choose another --output")
    # Imported here, because TensorFlow would delay --help.
    from model_training.data.mnist import load_mnist
    from model_training.data.pen_digits import load_pen_digits
    from model_training.evaluation.report import recall_table, score_line
    from model_training.training.train import train

    config = make_config(options, seed=options.seed, line=True)
    mnist = load_mnist(options.data, writers=options.writers)
    pen_digits = load_pen_digits(options.pen_digits) if options.pen_digits else ()
    description = train(config, mnist, output=output, pen_digits=pen_digits)
    training = description["training"]
    metrics = [metric for metric in description["metrics"] if metric["dataset"] == "MNIST test"]
    scores = {metric["metric"]: metric["value"] for metric in metrics}
    print(
        f"\n{description['name']}: {training['parameters']:,} parameters, {training['epochs']} epochs of "
        f"{training['epoch_seconds']:.0f} s, seed {training['seed']}\n",
        score_line("MNIST test", scores | {"size": metrics[0]["size"]}) + "\n",
        *recall_table(scores),
        f"\nreader.tflite: {description['files']['reader.tflite']['size'] / 1e6:.2f} MB; "
        f"release and figures in {output}",
        sep="\n",
    )
