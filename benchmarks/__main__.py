"""`python -m benchmarks`: run one benchmark of the app, or all.

Results of different machines, or of a busy machine, cannot be compared.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.results import FOLDER

# In the order of `all`. Only the chosen modules are imported, because some of them import TensorFlow.
_MODULES = {
    "speed": "benchmarks.speed",
    "service": "benchmarks.service.run",
    "overload": "benchmarks.overload.run",
    "batch": "benchmarks.batch.run",
    "cluster": "benchmarks.cluster.run",
    "fuzz": "benchmarks.fuzz",
    "long-run": "benchmarks.long_run.run",
    "capacity": "benchmarks.capacity.run",
}


def main() -> int:
    """Run one benchmark, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "name", nargs="?", default="all", choices=["all", *_MODULES], help="default: %(default)s"
    )
    parser.add_argument("options", nargs=argparse.REMAINDER, help="see `python -m benchmarks NAME --help`")
    given = parser.parse_args()
    try:
        for name in _MODULES if given.name == "all" else [given.name]:
            _run(name, given.options)
    except ModuleNotFoundError as error:
        print(f"error: benchmarks need {error.name}: make bench", file=sys.stderr)
        return 1
    return 0


def _run(name: str, options: Sequence[str]) -> None:
    module = import_module(_MODULES[name])
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=module.__doc__)
    parser.add_argument(
        "--output", type=Path, default=FOLDER, help="folder for the results (default %(default)s)"
    )
    module.add_arguments(parser)
    module.run(parser.parse_args(options))


if __name__ == "__main__":
    sys.exit(main())
