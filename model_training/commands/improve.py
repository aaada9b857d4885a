"""`improve`: fine-tune a published release with given corrections, and publish the result if it is better."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from model_training.commands.finetune import print_gate
from model_training.commands.options import RESUME, add_replay, load_replay


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    improve = commands.add_parser(
        "improve",
        help="fine-tune a published release with given corrections, and publish it if it is better",
        description="Fetch a release and its corrections from the Hub, leave out what was rejected or needs "
        "a decision, fine-tune, compare with the old release, and publish the new one with a tag, only if it "
        "is better on held-out corrections and nowhere worse beyond noise. Ends with 0 if there are no new "
        "corrections. Meant for a scheduled job.",
    )
    improve.add_argument("--release", required=True, metavar="USER/MODEL", help="model repo on the Hub")
    improve.add_argument(
        "--corrections", required=True, metavar="USER/DATA[@BRANCH]", help="data set of corrections"
    )
    improve.add_argument(
        "--output",
        type=Path,
        default=Path("improvements"),
        metavar="FOLDER",
        help="folder for new releases (default: %(default)s)",
    )
    add_replay(improve)
    improve.set_defaults(run=_run, interrupted=RESUME)


def _run(options: argparse.Namespace) -> None:
    # Imported here, because TensorFlow would delay --help.
    from model_training.improvement.improve import Replay, improve
    from model_training.improvement.repos import fetch_release
    from model_training.release.release_folder import read_description
    from model_training.training.recipe import recipe_of

    recipe = recipe_of(read_description(fetch_release(options.release))["training"])
    published = improve(
        options.release,
        options.corrections,
        Replay(*load_replay(options, recipe)),
        output=options.output,
        report=partial(print, flush=True),
        on_gate=print_gate,
    )
    if published:
        print(f"\n{published.url}\ncommit {published.commit}")
