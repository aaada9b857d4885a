"""The command line: `python -m space deploy`."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

_DESCRIPTION = """\
Puts the reader of handwritten digits on a Hugging Face Space, where others can use it by a link. Creates the
Space, or updates it when the same command is given again: in one commit, with the model pinned to the commit
that its repo is at now.

  --sdk static   a page that reads digits in the visitor's own browser; free
  --sdk docker   page and API as `make serve` runs them; needs a paid plan on the Hub
  --sdk gradio   the same, run by the Hub's Gradio; needs a paid plan, or --zero-gpu

It uses the token of `hf auth login` or of HF_TOKEN. The model must be public; `python -m model_training
publish` makes one. Files that others put into the Space are neither changed nor deleted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m space", description="Puts the digit reader on Hugging Face Spaces."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "deploy",
        help="create or update a Space",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_options(command)
    options = parser.parse_args(arguments)
    if options.dry_run != (options.output is not None):
        command.error("--dry-run and --output DIR belong together")
    return _deploy(options)


def _add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--repo", required=True, metavar="USER/NAME", help="the Space, made if need be")
    command.add_argument(
        "--model",
        required=True,
        metavar="USER/NAME[@REVISION]",
        help="the model on the Hub, at a branch, tag or commit (default: main)",
    )
    command.add_argument(
        "--sdk", required=True, choices=["static", "docker", "gradio"], help="the kind of Space, see above"
    )
    command.add_argument("--private", action="store_true", help="make a new Space private")
    command.add_argument("--zero-gpu", action="store_true", help="put a new Gradio Space on ZeroGPU")
    command.add_argument("--dry-run", action="store_true", help="only write the Space's folder to --output")
    command.add_argument("--output", type=Path, metavar="DIR", help="an empty folder, or that of a dry run")


def _deploy(options: argparse.Namespace) -> int:
    # Here, so that --help answers at once, without the Hub's client.
    from space.deploy import deploy, write_space
    from space.errors import DeployError
    from space.target import Target

    say = partial(print, flush=True)
    try:
        target = Target(options.repo, options.sdk, private=options.private, zero_gpu=options.zero_gpu)
        if options.dry_run:
            write_space(target, model_name=options.model, output=options.output, say=say)
            print(f"\ndry run: the folder is in {options.output}, and the Hub is as it was")
        else:
            print(f"\n{deploy(target, model_name=options.model, say=say)}")
    except (DeployError, OSError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("stopped; the Space holds the old files or the new ones, never a mixture")
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
