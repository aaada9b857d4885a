"""`train`: train both readers and write a release folder."""

import argparse
from typing import Any

from model_training.commands.options import RESUME, add_recipe, load_data, make_config, output_folder


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    train = commands.add_parser(
        "train",
        help="train the readers of digits and of lines, and write a release folder",
        description="Train the digit reader and the line reader, and write a release folder: the networks "
        "for Keras, reader.tflite, line_reader.tflite, release.json, a model card and figures. After an "
        "interruption, the same command resumes from the last finished epoch.",
    )
    add_recipe(train, output="releases/<architecture>, or releases/quick")
    train.add_argument("--seed", type=int, metavar="N", help="seed of all random numbers (default: 0)")
    train.set_defaults(run=_run, interrupted=RESUME)


def _run(options: argparse.Namespace) -> None:
    output = output_folder(options, "releases")
    if output.exists():
        raise FileExistsError(f"{output} exists; delete it to train again, or choose another --output")
    # Imported here, because TensorFlow would delay --help.
    from model_training.evaluation.report import recall_table, score_line
    from model_training.training.train import train

    config = make_config(options, seed=options.seed, line=True)
    mnist, pen_digits = load_data(options, config)
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
        f"to serve it: DIGITS_MODEL_DIR={output} make serve",
        sep="\n",
    )
