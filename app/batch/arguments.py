"""Arguments of `python -m app batch`. Imports no reader: the server's command line uses this module too."""

import argparse
from pathlib import Path

LOCAL = "local"  # value of --ray that starts a cluster for the batch
_EXPECT = ("auto", "digit", "number")
_PART_SIZE = 500  # pictures, about half a second of reading
_DESCRIPTION = """\
Read many pictures into Parquet files, one row per picture: path, text, written, digits, marks, confidence
and digit_score (each the minimum over the digits), model, and error for a picture that cannot be read. After
a stop or a kill, the same command resumes. It reads every picture without a row, also files added since."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _DESCRIPTION
    parser.add_argument(
        "input",
        metavar="INPUT",
        help="a picture, a folder (with its subfolders), a quoted glob, Parquet files with a column of "
        "pictures, or a data set on the Hub: user/name, or hf://datasets/user/name@revision",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the results")
    parser.add_argument(
        "--expect", choices=_EXPECT, default="auto", help="content of each picture (default %(default)s)"
    )
    parser.add_argument(
        "--column", help="column of Parquet files (default: the only one with pictures, or image)"
    )
    parser.add_argument(
        "--workers", type=_positive, help="processes (default: the cores of this machine or cluster)"
    )
    parser.add_argument(
        "--part-size",
        type=_positive,
        default=_PART_SIZE,
        help="pictures per output file; after a kill, unfinished files are read again (default %(default)s)",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        nargs="?",
        const=LOCAL,
        help="read on the Ray cluster at ADDRESS, whose machines all see INPUT; without an address, start a "
        "cluster on this machine",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
