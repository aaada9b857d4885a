"""What the app needs from PyPI, at the versions that it was tested with."""

import tomllib
from collections.abc import Collection
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pin_requirements(project: Path, *, unpinned: Collection[str] = ()) -> str:
    """Return the lines of a requirements.txt: what pyproject.toml asks for, as constraints.txt pins it.

    Args:
        project: a folder with both files.
        unpinned: names of packages that keep the range of pyproject.toml.
    """
    pins = {
        canonicalize_name(pin.name): pin.specifier
        for pin in _read_requirements((project / "constraints.txt").read_text(encoding="utf-8").splitlines())
    }
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    needed = _read_requirements(described["project"]["dependencies"])
    for requirement in needed:
        if requirement.name not in unpinned:
            requirement.specifier = pins[canonicalize_name(requirement.name)]
    return "".join(f"{requirement}\n" for requirement in needed)


def _read_requirements(lines: Collection[str]) -> list[Requirement]:
    return [Requirement(line) for line in lines if not line.startswith("#")]
