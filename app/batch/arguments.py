"""What `python -m app batch` takes. It loads nothing: most who start the app read no batch."""

import argparse
import os
from pathlib import Path

LOCAL = "local"  # the address of a cluster that is started for the batch
_EXPECT = ("auto", "digit", "number")
_PART_SIZE = 500  # pictures: half a second's work, which is what a kill loses
_DESCRIPTION = """\
Reads many pictures into Parquet files, one row a picture: path, text, digits, confidence and digit_score (the
least of the digits'), model, and error where a picture could not be read. Stopped or killed, the same command
goes on where it was. On an output that is finished it reads the files that have come since."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _DESCRIPTION
    parser.add_argument(
        "input",
        metavar="INPUT",
        help="a picture, a folder (and those inside it), a quoted glob, Parquet files with a column of "
        "pictures, or a data set on the Hub: user/name, or hf://datasets/user/name@revision",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the results")
    parser.add_argument(
        "--expect", choices=_EXPECT, default="auto", help="what each picture shows (default %(default)s)"
    )
    parser.add_argument("--column", help="of Parquet files (default: the only one with pictures, or image)")
    parser.add_argument(
        "--workers", type=_at_least_one, help="processes (default: the cores of this machine or cluster)"
    )
    parser.add_argument(
        "--part-size",
        type=_at_least_one,
        default=_PART_SIZE,
        help="pictures of one output file; those under way are read again after a kill (default %(default)s)",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        nargs="?",
        const=LOCAL,
        help="read on a Ray cluster, whose machines all see INPUT and output; without an address, on one "
        "that is started here",
    )


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number
