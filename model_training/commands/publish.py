"""`publish`: upload a release to the Hugging Face Hub."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    publish = commands.add_parser(
        "publish",
        help="upload a release to a model repo on the Hugging Face Hub",
        description="Upload a release to a model repo in one commit, with the token of `hf auth login` or "
        "HF_TOKEN. Checks first, and changes nothing when a check fails: files, reader, card, token, and "
        "whether the repo holds a better release.",
    )
    publish.add_argument("release", type=Path, metavar="RELEASE", help="release folder")
    publish.add_argument("--repo", required=True, metavar="USER/NAME", help="model repo, created if missing")
    publish.add_argument("--private", action="store_true", help="create a new repo as private")
    place = publish.add_mutually_exclusive_group()
    place.add_argument("--pull-request", action="store_true", help="open a pull request; do not change main")
    place.add_argument("--tag", metavar="NAME", help="tag for the commit, such as v1.2.0")
    publish.add_argument("--evaluation", type=Path, metavar="FILE", help="evaluation.json with drawn cases")
    publish.add_argument("--allow-regression", action="store_true", help="publish even a worse release")
    publish.add_argument("--dry-run", action="store_true", help="only check, and list the planned changes")
    publish.set_defaults(
        run=_run, interrupted="stopped; the repo holds the old release or the new one, never a mixture"
    )


def _run(options: argparse.Namespace) -> None:
    # Imported here, because the Hub's client would delay --help.
    from model_training.release.publishing.plan import Target
    from model_training.release.publishing.publish import publish

    given = {name: getattr(options, name) for name in ("private", "pull_request", "tag", "allow_regression")}
    published = publish(
        options.release,
        Target(options.repo, **given),
        evaluation=options.evaluation,
        dry_run=options.dry_run,
        report=partial(print, flush=True),
    )
    print(f"\n{published.url}\ncommit {published.commit}" if published else "\ndry run: nothing was changed")
