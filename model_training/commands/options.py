"""Options that several commands share: the recipe, the data and the output folder."""

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from model_training.training.config import QUICK, Architecture, Precision, TrainingConfig

if TYPE_CHECKING:  # they import NumPy, which would delay --help
    from model_training.data.mnist import Mnist
    from model_training.data.pen_digits import PenDigit
    from model_training.evaluation.cases import Cases

DATA_HELP = "mnist.npz (default: download once, then use the cached file)"
WRITERS_FILE = "qmnist-train-labels-idx2-int.gz"
PEN_DIGITS_FILE = "pendigits-orig.tra of the UCI repository"
_ALONE = "with it, nothing else is downloaded either"
RESUME = "stopped; run the same command again to resume from the last finished epoch"


def add_recipe(command: argparse.ArgumentParser, *, output: str) -> None:
    """Add the recipe options to `command`; `output` describes the default output folder."""
    command.add_argument("--output", type=Path, metavar="FOLDER", help=f"output folder (default: {output})")
    command.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help=f"{DATA_HELP}; {_ALONE}",
    )
    command.add_argument(
        "--writers",
        type=Path,
        metavar="FILE",
        help=f"{WRITERS_FILE}, the writers of MNIST's digits (default: download once)",
    )
    command.add_argument(
        "--pen-digits",
        type=Path,
        metavar="FILE",
        help=f"{PEN_DIGITS_FILE}, digits of real pens (default: download once)",
    )
    recipe = command.add_mutually_exclusive_group()
    recipe.add_argument(
        "--quick",
        action="store_true",
        help="4 short epochs on MNIST only: about a minute on 2 cores, 99.0 %% accuracy or more",
    )
    recipe.add_argument("--recipe", type=Path, metavar="FILE", help="JSON recipe, such as a best.json")
    command.add_argument(
        "--architecture", choices=get_args(Architecture), help="network architecture (default: residual)"
    )
    command.add_argument("--epochs", type=positive, metavar="N", help="training epochs (default: 16)")
    command.add_argument(
        "--precision",
        choices=get_args(Precision),
        help="arithmetic during training (default: bfloat16 where the CPU has instructions for it)",
    )


def positive(text: str) -> int:
    """Parse an integer of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


def make_config(
    options: argparse.Namespace, *, seed: int | None = None, line: bool = False
) -> TrainingConfig:
    """Return the configuration for the options, with a line reader to be trained as well only if `line`."""
    # Imported here, because TensorFlow would delay --help.
    from model_training.training.recipe import read_values, with_values

    values = read_values(options.recipe) if options.recipe else {}
    given = {name: getattr(options, name) for name in ("architecture", "epochs")} | {"seed": seed}
    overrides = {name: value for name, value in given.items() if value is not None}
    defaults = QUICK if options.quick else TrainingConfig()
    defaults = defaults if line else dataclasses.replace(defaults, line=None)
    precisions = ("precision", "line.precision") if defaults.line else ("precision",)
    if options.precision:
        overrides |= dict.fromkeys(precisions, options.precision)
    return with_values(defaults, dict.fromkeys(precisions, _find_precision()) | values | overrides)


def _find_precision() -> Precision:
    """Return the faster arithmetic: emulated bfloat16 takes ten times as long as float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:
        return "float32"
    return "bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


def load_data(options: argparse.Namespace, config: TrainingConfig) -> "tuple[Mnist, tuple[PenDigit, ...]]":
    """Return MNIST and the pen digits that the configuration needs; with --data, nothing is downloaded."""
    from model_training.data.data_sets import WRITERS, download
    from model_training.data.mnist import load_mnist
    from model_training.data.pen_digits import load_pen_digits

    more, online = config.learns_from_pens, options.data is None
    if not more and (options.writers or options.pen_digits):
        raise ValueError("this recipe does not learn from --writers and --pen-digits")
    writers = options.writers or (download(WRITERS) if more and online else None)
    mnist = load_mnist(options.data, writers=writers)
    if more and (options.pen_digits or online):
        return mnist, load_pen_digits(options.pen_digits)
    return mnist, ()


def add_replay(command: argparse.ArgumentParser) -> None:
    """Add the options for the data that a release was trained on, and for drawn cases, to `command`."""
    command.add_argument("--mnist", type=Path, metavar="FILE", help=f"{DATA_HELP}; {_ALONE}")
    for option, file in (("--writers", WRITERS_FILE), ("--pen-digits", PEN_DIGITS_FILE)):
        command.add_argument(
            option, type=Path, metavar="FILE", help=f"{file}, as for `train` (default: download once)"
        )
    command.add_argument(
        "--cases", type=Path, metavar="FILE", help="npz file of drawn cases to compare (not to learn from)"
    )


def load_replay(
    options: argparse.Namespace, config: TrainingConfig
) -> "tuple[Mnist, tuple[PenDigit, ...], Cases | None]":
    """Return MNIST, pen digits and drawn cases for the options of `add_replay`."""
    from model_training.evaluation.cases import load_cases

    cases = load_cases(options.cases) if options.cases else None
    named = argparse.Namespace(data=options.mnist, writers=options.writers, pen_digits=options.pen_digits)
    return *load_data(named, config), cases


def output_folder(options: argparse.Namespace, parent: str) -> Path:
    """Return --output, or the default folder in `parent`."""
    if options.output is not None:
        return Path(options.output)
    name = options.recipe.stem if options.recipe else "quick" if options.quick else options.architecture
    return Path(parent) / (name or "residual")
