"""`publish`: a release on the Hugging Face Hub."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from model_training.commands.errors import fail


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command."""
    publish = commands.add_parser(
        "publish",
        help="put a release into a model repo on the Hugging Face Hub",
        description="Puts a release into a model repo in one commit, with the token of `hf auth login` or of "
        "HF_TOKEN. Checks first, and changes nothing when a check fails: files, reader, card, token, and "
        "whether the repo holds a better release.",
    )
    publish.add_argument("release", type=Path, metavar="RELEASE", help="the release folder")
    publish.add_argument("--repo", required=True, metavar="USER/NAME", help="the repo, made if need be")
    publish.add_argument("--private", action="store_true", help="make a new repo private")
    place = publish.add_mutually_exclusive_group()
    place.add_argument("--pull-request", action="store_true", help="propose it, and leave main as it is")
    place.add_argument("--tag", metavar="NAME", help="of the commit, such as v1.2.0")
    publish.add_argument("--evaluation", type=Path, metavar="FILE", help="evaluation.json with drawn cases")
    publish.add_argument("--allow-regression", action="store_true", help="even if what is there is better")
    publish.add_argument("--dry-run", action="store_true", help="only check, and list what would be done")
    publish.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    # Here, so that --help answers at once.
    from model_training.errors import PublishError, ReleaseError
    from model_training.release.publishing.plan import Target
    from model_training.release.publishing.publish import publish

    given = {name: getattr(options, name) for name in ("private", "pull_request", "tag", "allow_regression")}
    try:
        published = publish(
            options.release,
            Target(options.repo, **given),
            evaluation=options.evaluation,
            dry_run=options.dry_run,
            say=partial(print, flush=True),
        )
    except (PublishError, ReleaseError, FileNotFoundError) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("stopped; the repo holds the old release or the new one, never a mixture")
    print(f"\n{published.url}\ncommit {published.commit}" if published else "\ndry run: nothing was changed")
    return 0
