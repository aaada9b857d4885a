"""`finetune`: train a release further with corrections or other labelled pictures."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_training.commands.options import RESUME, add_replay, load_replay
from model_training.errors import DatasetError

if TYPE_CHECKING:  # it imports TensorFlow, which would delay --help
    from model_training.training.gate import Gate


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    finetune = commands.add_parser(
        "finetune",
        help="train a release further with corrections or other labelled pictures",
        description="Train the readers of a release further with labelled pictures beside the data that "
        "it was trained on, and compare it with the old one on the same images. The new release is written "
        "only if it is better on corrections of writers that were held out, and nowhere worse beyond noise; "
        "the table says where. With --labels, train a reader of other numerals instead; there is nothing to "
        "compare it with. After an interruption, the same command resumes.",
    )
    finetune.add_argument("release", type=Path, metavar="RELEASE", help="release folder with model.keras")
    finetune.add_argument(
        "--data",
        required=True,
        metavar="SOURCE",
        help="labelled pictures: hf://datasets/USER/DATA[@REVISION], a folder (ImageFolder layout or Parquet "
        "files), a Parquet file or a metadata.jsonl; columns image, text or label, and perhaps writer",
    )
    finetune.add_argument(
        "--output", type=Path, metavar="FOLDER", help="new release (default: RELEASE-finetuned)"
    )
    finetune.add_argument(
        "--labels",
        metavar="SIGNS",
        help="the signs of another alphabet in their order, ten or more characters, such as ٠١٢٣٤٥٦٧٨٩: the "
        "network gets a new last layer and reads single ones of these",
    )
    add_replay(finetune)
    finetune.set_defaults(run=_run, interrupted=RESUME)


def _run(options: argparse.Namespace) -> None:
    output = options.output or options.release.with_name(options.release.resolve().name + "-finetuned")
    if output.exists():
        raise FileExistsError(f"{output} exists; delete it to train again, or choose another --output")
    # Imported here, because TensorFlow would delay --help.
    from model_training.data.labelled_pictures import load_labelled_pictures
    from model_training.training.finetune import finetune
    from model_training.training.old_release import open_old

    recipe = open_old(options.release).recipe  # a bad release is refused before anything is downloaded
    if options.labels is not None:
        _learn_labels(options, output)
        return
    corrections = load_labelled_pictures(options.data)
    mnist, pen_digits, cases = load_replay(options, recipe)
    training = finetune(
        options.release,
        corrections,
        mnist=mnist,
        pen_digits=pen_digits,
        cases=cases,
        output=output,
        on_gate=print_gate,
    )["training"]
    print(
        f"\n{training['corrections']:,} digits learnt, {training['held_out_corrections']:,} held out, "
        f"{training['finetuning']['steps']:,} steps; release in {output}\n"
        f"to serve it: DIGITS_MODEL_DIR={output} make serve"
    )


def _learn_labels(options: argparse.Namespace, output: Path) -> None:
    if options.cases or options.writers or options.pen_digits:
        raise DatasetError("--labels goes with neither --cases nor --writers nor --pen-digits")
    # Imported here, because TensorFlow would delay --help.
    from model_training.data.labelled_pictures import load_labelled_pictures
    from model_training.data.mnist import load_mnist
    from model_training.training.new_labels import learn_labels, parse_labels

    labels = parse_labels(options.labels)
    pictures = load_labelled_pictures(options.data, labels)
    mnist = load_mnist(options.mnist)
    description = learn_labels(options.release, pictures, labels, mnist=mnist, output=output)
    for metric in description["metrics"]:
        if metric["metric"] in ("accuracy", "refused", "area_under_curve"):
            name = f"{metric['dataset']}, {metric['metric'].replace('_', ' ')}"
            print(f"{name:60s}{metric['size']:9,d}{100 * metric['value']:9.2f} %")
    print(f"release in {output}\nto serve it: DIGITS_MODEL_DIR={output} make serve")


def print_gate(gate: "Gate") -> None:
    """Print the comparison of old and new network."""
    width = max(len(each.what) for each in gate.comparisons)
    print(f"\n{'':{width}s}{'images':>9s}{'before':>11s}{'after':>11s}")
    for each in gate.comparisons:
        print(
            f"{each.what:{width}s}{each.size:9,d}{100 * each.before:9.2f} %{100 * each.after:9.2f} %"
            f"  {each.verdict}"
        )
