"""The options of what trains: which recipe, of which digits, and to where."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from model_training.commands.numbers import positive

DATA_HELP = "mnist.npz (default: fetched, then cached)"


def add_recipe(command: argparse.ArgumentParser, *, output: str) -> None:
    """Adds the options; `output` tells where everything goes without one."""
    command.add_argument(
        "--output", type=Path, metavar="FOLDER", help=f"where everything goes (default: {output})"
    )
    command.add_argument("--data", type=Path, metavar="FILE", help=DATA_HELP)
    recipe = command.add_mutually_exclusive_group()
    recipe.add_argument(
        "--quick",
        action="store_true",
        help="4 short epochs of MNIST alone: about a minute on 2 cores, 99.0 %% and more",
    )
    recipe.add_argument(
        "--recipe", type=Path, metavar="FILE", help="a recipe in JSON, such as a search's best.json"
    )
    command.add_argument(
        "--architecture", choices=["classic", "residual"], help="the network (default: residual)"
    )
    command.add_argument("--epochs", type=positive, metavar="N", help="passes over the digits (default: 16)")
    command.add_argument(
        "--precision",
        choices=["float32", "bfloat16"],
        help="of the arithmetic while training (default: bfloat16, faster on recent CPUs)",
    )
    command.add_argument(
        "--teachers",
        type=Path,
        nargs="+",
        default=[],
        metavar="RELEASE",
        help="release folders of trained networks to learn from, beside the labels",
    )


def configured(options: argparse.Namespace, *, seed: int | None = None) -> Any:
    """The TrainingConfig that the options ask for.

    Raises:
        RecipeError: the recipe file is none.
        TeacherError: what should teach cannot.
    """
    # Here, so that --help answers at once, without TensorFlow.
    from model_training.training.config import configure
    from model_training.training.recipe import read_recipe, with_values
    from model_training.training.teaching import find_teacher

    values = read_recipe(options.recipe) if options.recipe else {}
    given = {name: getattr(options, name) for name in ("architecture", "epochs", "precision")}
    overrides = {name: value for name, value in (given | {"seed": seed}).items() if value is not None}
    config = with_values(configure(quick=options.quick), values | overrides)
    teachers = tuple(find_teacher(folder.resolve(), config) for folder in options.teachers)
    return dataclasses.replace(config, teachers=teachers)


def output_folder(options: argparse.Namespace, parent: str) -> Path:
    """Where everything goes."""
    if options.output is not None:
        return Path(options.output)
    named = options.recipe.stem if options.recipe else "quick" if options.quick else None
    return Path(parent) / (named or options.architecture or "residual")
