"""Files and commits with the hashes that git and git LFS give them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath

# What the Hub's `.gitattributes` sends to LFS, as far as these tests have such files.
LFS_SUFFIXES = (".keras", ".tflite", ".h5", ".bin", ".onnx", ".npz", ".png")
LARGEST_REGULAR_FILE = 10 * 2**20  # bytes; the Hub refuses larger files outside LFS

FILE_MODE = b"100644"
FOLDER_MODE = b"40000"


def belongs_in_lfs(path: str, size: int) -> bool:
    """Tell whether the Hub wants a file of this name and size (bytes) in LFS; empty files never."""
    return size > 0 and (path.endswith(LFS_SUFFIXES) or size > LARGEST_REGULAR_FILE)


def git_id(kind: str, content: bytes) -> str:
    """Return git's sha1 of an object of kind blob, tree or commit."""
    # Git's own hash, which the client computes too; nothing rests on its strength.
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class File:
    """A file's content, and whether git holds it or a pointer to LFS."""

    content: bytes
    lfs: bool

    @property
    def size(self) -> int:
        return len(self.content)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        """What git holds in place of an LFS file."""
        return (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {self.size}\n"
        ).encode()

    @cached_property
    def blob_id(self) -> str:
        """Git's sha1: of the content, or for LFS of the pointer."""
        return git_id("blob", self.pointer if self.lfs else self.content)

    @property
    def etag(self) -> str:
        """The hash by which the client names and compares the file."""
        return self.sha256 if self.lfs else self.blob_id


def folders(files: Mapping[str, File]) -> dict[str, str]:
    """Return all folders that hold the files, "" the root, with git's sha1 of each."""
    children: dict[str, dict[str, tuple[bytes, str]]] = {"": {}}
    for path, file in files.items():
        for parent in PurePosixPath(path).parents:
            children.setdefault(_name(parent), {})
        children[_name(PurePosixPath(path).parent)][PurePosixPath(path).name] = (FILE_MODE, file.blob_id)
    ids = {}
    deepest_first = sorted(children, key=lambda folder: len(PurePosixPath(folder).parts), reverse=True)
    for folder in deepest_first:
        ids[folder] = _tree_id(children[folder])
        if folder:
            parent, name = PurePosixPath(folder).parent, PurePosixPath(folder).name
            children[_name(parent)][name] = (FOLDER_MODE, ids[folder])
    return ids


def _name(folder: PurePosixPath) -> str:
    return "" if folder == PurePosixPath() else str(folder)


def _tree_id(entries: Mapping[str, tuple[bytes, str]]) -> str:
    # Git sorts a folder as if its name ended in a slash.
    ordered = sorted(entries.items(), key=lambda item: item[0] + "/" * (item[1][0] == FOLDER_MODE))
    return git_id(
        "tree",
        b"".join(mode + b" " + name.encode() + b"\0" + bytes.fromhex(id) for name, (mode, id) in ordered),
    )


@dataclass(frozen=True)
class Commit:
    """One state of a repo: all its files by path."""

    id: str
    title: str
    message: str  # what the author says beyond the title
    parent: str | None
    author: str
    date: datetime  # UTC
    files: Mapping[str, File]
