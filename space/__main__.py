"""The command line: `python -m space deploy`."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

_DESCRIPTION = """\
Deploy the digit reader to a Hugging Face Space. Creates the Space, or updates it with one commit. A
model on the Hub is pinned to its current commit.

  --sdk static   a page that reads digits in the visitor's browser; free
  --sdk docker   the page and the API, as with `make serve`; needs a paid plan on the Hub
  --sdk gradio   the same as a Gradio Space; needs a paid plan, or --zero-gpu

Log in with `hf auth login` or set HF_TOKEN. A model on the Hub must be public; `python -m model_training
publish` uploads one. Files in the Space that this command did not write are neither changed nor deleted."""


_BUNDLED = str(Path(__file__).parents[1] / "app" / "model" / "bundled")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m space", description="Deploy to Hugging Face Spaces.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "deploy",
        help="create or update a Space",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("--repo", required=True, metavar="USER/NAME", help="the Space; created if it does not exist")
    model_help = (
        "model repo on the Hub, with a branch, tag or commit (main by default), or a release folder on this "
        "machine, which is copied into the Space (default: the release bundled with the app)"
    )
    add("--model", default=_BUNDLED, metavar="USER/NAME[@REVISION] | FOLDER", help=model_help)
    add("--sdk", required=True, choices=["static", "docker", "gradio"], help="kind of Space, see above")
    add("--private", action="store_true", help="make a new Space private")
    add("--zero-gpu", action="store_true", help="request ZeroGPU hardware for a new Gradio Space")
    add("--dry-run", action="store_true", help="only write the Space's files to --output")
    add("--output", type=Path, metavar="DIR", help="an empty folder, or the folder of an earlier dry run")
    options = parser.parse_args(arguments)
    if options.dry_run != (options.output is not None):
        command.error("--dry-run and --output DIR must be given together")
    return _deploy(options)


def _deploy(options: argparse.Namespace) -> int:
    # Imported here, so that --help does not wait for the Hub's client.
    from space.deploy import deploy, write_space
    from space.errors import DeployError
    from space.target import Target

    report = partial(print, flush=True)
    try:
        target = Target(options.repo, options.sdk, private=options.private, zero_gpu=options.zero_gpu)
        if options.dry_run:
            write_space(target, model_name=options.model, output=options.output, report=report)
            print(f"\ndry run: the files are in {options.output}; nothing was changed on the Hub")
        else:
            print(f"\n{deploy(target, model_name=options.model, report=report)}")
    except (DeployError, OSError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted; the Space has either all old files or all new files")
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
