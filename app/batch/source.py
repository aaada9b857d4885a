"""Where the pictures are: which of an INPUT's kinds it is, and the files that it stands for."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.batch.errors import BatchError
from app.batch.hub_source import HubSource
from app.batch.names import may_hold_pictures

_HUB = re.compile(
    r"(?P<prefix>hf://datasets/)?(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?/?", re.ASCII
)


class Source(Protocol):
    """Files with pictures. Workers get a copy of it."""

    @property
    def name(self) -> str:
        """The input, the same for each command that means the same."""

    @property
    def commit(self) -> str | None:
        """The commit of a data set on the Hub whose files these are."""

    def pin(self, commit: str | None) -> "Source":
        """Return the source at a commit of the Hub; None stands for the one that is there now."""

    def list_files(self) -> list[str]:
        """Return the path of each file, below what the input names, in an order that is always the same."""

    def open(self, path: str) -> Any:
        """Return what pyarrow reads the file from, without fetching all of it."""

    def fetch(self, paths: Iterable[str]) -> dict[str, Path]:
        """Return where each of these files is on this machine, whether it is still there or not.

        Raises:
            BatchError: no file of the source can be had at the moment.
        """


@dataclass(frozen=True)
class LocalSource:
    """A file, a folder or a glob.

    Attributes:
        name: its absolute path.
        root: the folder that paths are below.
        output: what is written, which is no input even where it lies inside.
    """

    name: str
    root: Path
    output: Path
    commit: None = None

    def pin(self, commit: str | None) -> "LocalSource":  # noqa: ARG002 - files have no commits
        """Return the same."""
        return self

    def list_files(self) -> list[str]:
        """Return the paths below the root, sorted."""
        if os.path.isfile(self.name):
            return [os.path.basename(self.name)]
        return sorted(os.path.relpath(path, self.root) for path in self._find() if may_hold_pictures(path))

    def open(self, path: str) -> Path:
        """Return where the file is."""
        return self.root / path

    def fetch(self, paths: Iterable[str]) -> dict[str, Path]:
        """Return where each file is.

        Raises:
            BatchError: the whole folder is gone, as when a disk is taken away.
        """
        if not self.root.is_dir():
            raise BatchError(f"{self.root} is not there any more.")
        return {path: self.root / path for path in paths}

    def _find(self) -> Iterator[str]:
        if not os.path.isdir(self.name):
            yield from filter(os.path.isfile, glob.iglob(self.name, recursive=True))
            return
        for folder, folders, names in os.walk(self.name):
            folders[:] = [each for each in folders if Path(folder, each) != self.output]
            yield from (os.path.join(folder, name) for name in names)


def find_source(given: str, *, output: Path) -> Source:
    """Tell what an input is: a file, a folder, a glob, or a data set on the Hub. Nothing is asked there yet.

    Raises:
        BatchError: it is none of them.
    """
    on_hub = _HUB.fullmatch(given)
    if not (on_hub and on_hub["prefix"]):
        name = os.path.abspath(given)
        if os.path.isdir(name):
            return LocalSource(name, Path(name), output)
        if os.path.isfile(name):
            return LocalSource(name, Path(name).parent, output)
        if glob.has_magic(given):
            return LocalSource(name, _find_root(name), output)
    if on_hub:
        return HubSource(on_hub["repo"], on_hub["revision"] or "main")
    raise BatchError(f"There is no file or folder {given}; a data set on the Hub is written user/name.")


def _find_root(pattern: str) -> Path:
    """The folder above the first part of a glob that has a wildcard."""
    root = Path(pattern)
    while glob.has_magic(str(root)):
        root = root.parent
    return root
