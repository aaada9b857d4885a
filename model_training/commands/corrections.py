"""`corrections review`: look at doubtful corrections, and decide on them."""

import argparse
from pathlib import Path
from typing import Any

from model_training.commands.options import add_replay, load_replay


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    corrections = commands.add_parser("corrections", help="review given corrections")
    actions = corrections.add_subparsers(required=True, metavar="ACTION")
    review = actions.add_parser(
        "review",
        help="show doubtful corrections on a contact sheet, and decide on them",
        description="Write a contact sheet of the corrections in quarantine: labels that the network and the "
        "nearest digits contradict, and pictures with several labels. Decisions are stored in "
        "review.json beside the corrections, where `improve` reads them.",
    )
    review.add_argument(
        "source", metavar="SOURCE", help="folder of corrections, or hf://datasets/USER/DATA[@BRANCH]"
    )
    review.add_argument(
        "--release", required=True, metavar="RELEASE", help="release folder or model repo, user/name"
    )
    review.add_argument(
        "--sheet",
        type=Path,
        default=Path("quarantine.png"),
        metavar="FILE",
        help="contact sheet to write (default: %(default)s)",
    )
    for option, what in (("--accept", "learn from"), ("--reject", "leave out")):
        review.add_argument(
            option, nargs="+", default=[], metavar="KEY", help=f"{what} these; `all` for all others"
        )
    add_replay(review)
    review.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    # Imported here, because TensorFlow would delay --help.
    from model_training.improvement.improve import review_source
    from model_training.improvement.repos import fetch_release, read_decisions, write_decisions
    from model_training.improvement.review import decide, plot_doubts
    from model_training.release.release_folder import read_description
    from model_training.training.recipe import recipe_of

    release = fetch_release(options.release)
    recipe = recipe_of(read_description(release)["training"])
    mnist, *_ = load_replay(options, recipe)
    found = review_source(options.source, release, mnist)
    made = decide(found, accept=options.accept, reject=options.reject)
    if made:
        write_decisions(options.source, read_decisions(options.source) | made)
    left = [doubt for doubt in found.doubts if doubt.key not in made]
    print(found.describe())
    for doubt in left:
        print(f"{doubt.key}  read {doubt.read}, given as {doubt.text or 'no digit'}: {doubt.reason}")
    if left:
        plot_doubts(left).savefig(options.sheet)
        print(f"\ncontact sheet in {options.sheet}; decide with --accept KEY ... and --reject KEY ...")
    if made:
        accepted = list(made.values()).count("accepted")
        print(f"{accepted} accepted, {len(made) - accepted} rejected; stored beside the corrections")
