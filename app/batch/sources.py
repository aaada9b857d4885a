"""Inputs of a batch: a file, folder or glob, or a data set on the Hugging Face Hub at one commit.

The `datasets` library (5.2.0) does not fit: its rows of Parquet files have no path, it skips broken links and
folders such as `scans[1]`, and a damaged Parquet file or a stray metadata.csv ends the run. It needs 20 s and
200 MB before the first of 100,000 pictures in a folder; this module needs 2 s and 20 MB.
"""

import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from app.batch import BatchError
from app.model.hub import HubModel
from app.recognition.image.formats import SUFFIXES as PICTURE_SUFFIXES

_SUFFIXES = {*PICTURE_SUFFIXES, ".parquet"}
_HUB = re.compile(
    r"(?P<prefix>hf://datasets/)?(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?/?", re.ASCII
)


@dataclass(frozen=True)
class Source:
    """Files with pictures.

    Attributes:
        name: absolute path or pattern, or the address on the Hub without a commit.
        root: folder that the listed paths are relative to; for a data set the snapshot in the client's cache.
        repo: data set on the Hub, "user/name"; None for local files.
        commit: of the data set.
    """

    name: str
    root: Path
    repo: str | None = None
    commit: str | None = None

    def download(self, commit: str | None) -> "Source":
        """Return a data set at a commit, with its files in the cache; return other sources unchanged.

        Args:
            commit: None stands for the latest commit of the revision.

        Raises:
            HubError: a file cannot be downloaded.
        """
        if self.repo is None:
            return self
        from huggingface_hub import HfApi, snapshot_download

        revision = self.name.rpartition("@")[2]
        suffixes = {change(suffix) for suffix in _SUFFIXES for change in (str.lower, str.upper, str.title)}
        with HubModel(self.repo, revision).explained("local file or folder and no data set"):
            commit = commit or HfApi().dataset_info(self.repo, revision=revision).sha
            folder = snapshot_download(
                self.repo,
                repo_type="dataset",
                revision=commit,
                allow_patterns=[f"*{suffix}" for suffix in suffixes],
            )
        return replace(self, root=Path(folder), commit=commit)

    def list_files(self, *, output: Path) -> list[str]:
        """Return the paths of pictures and Parquet files, relative to the root, sorted, without `output`."""
        if os.path.isfile(self.name):
            return [os.path.basename(self.name)]
        found = self._find(output)
        return sorted(
            os.path.relpath(path, self.root) for path in found if PurePath(path).suffix.lower() in _SUFFIXES
        )

    def check(self) -> None:
        """Raise BatchError if the root no longer exists, for example because its disk was removed."""
        if not self.root.is_dir():
            raise BatchError(f"The folder {self.root} no longer exists.")

    def _find(self, output: Path) -> Iterator[str]:
        if self.repo is None and not os.path.isdir(self.name):
            yield from filter(os.path.isfile, glob.iglob(self.name, recursive=True))
            return
        for folder, folders, names in os.walk(self.root):
            folders[:] = [each for each in folders if Path(folder, each) != output]
            yield from (os.path.join(folder, name) for name in names)


def find_source(given: str) -> Source:
    """Return the source for an INPUT argument, without a request to the Hub.

    Raises:
        BatchError: the input is not a file, folder, glob or name of a data set.
    """
    on_hub = _HUB.fullmatch(given)
    if not (on_hub and on_hub["prefix"]):
        path = Path(os.path.abspath(given))
        if path.is_dir():
            return Source(str(path), path)
        if path.is_file():
            return Source(str(path), path.parent)
        if glob.has_magic(given):
            return Source(str(path), next(each for each in path.parents if not glob.has_magic(str(each))))
    if on_hub:
        name = f"hf://datasets/{on_hub['repo']}@{on_hub['revision'] or 'main'}"
        return Source(name, Path(), on_hub["repo"])
    raise BatchError(f"There is no file or folder {given}. The name of a data set on the Hub is user/name.")


def is_parquet(path: str) -> bool:
    """Return whether a file name has the suffix of a Parquet file."""
    return PurePath(path).suffix.lower() == ".parquet"
