"""`python -m benchmarks`: run one benchmark of the app, or all.

Results of different machines, or of a busy machine, cannot be compared.
"""

import argparse
import sys
from pathlib import Path
from types import ModuleType

from benchmarks import fuzz, speed
from benchmarks.batch import run as batch
from benchmarks.capacity import run as capacity
from benchmarks.cluster import run as cluster
from benchmarks.long_run import run as long_run
from benchmarks.overload import run as overload
from benchmarks.results import FOLDER
from benchmarks.service import run as service

# `all` runs them in this order.
_COMMANDS: dict[str, ModuleType] = {
    "speed": speed,
    "service": service,
    "overload": overload,
    "batch": batch,
    "cluster": cluster,
    "fuzz": fuzz,
    "long-run": long_run,
    "capacity": capacity,
}


def main() -> int:
    """Run one benchmark, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", metavar="command")
    everything = commands.add_parser("all", help="all, with default options; the default command")
    for name, module in _COMMANDS.items():
        first = str(module.__doc__).splitlines()[0]
        command = commands.add_parser(name, help=first, description=module.__doc__)
        _add_output(command)
        module.add_arguments(command)
    _add_output(everything)
    options = parser.parse_args(sys.argv[1:] or ["all"])
    for name in _COMMANDS if options.command == "all" else (options.command,):
        chosen = [name, "--output", str(options.output)] if options.command == "all" else sys.argv[1:]
        _COMMANDS[name].run(parser.parse_args(chosen))
    return 0


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output", type=Path, default=FOLDER, help="folder for the results (default %(default)s)"
    )


if __name__ == "__main__":
    sys.exit(main())
