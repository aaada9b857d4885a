"""Repos of the stand-in Hub, held in memory: files, commits, tags, pull requests and Space settings."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from huggingface_hub import SpaceVariable

RepoType = Literal["model", "dataset", "space"]
Role = Literal["read", "write"]

LFS_SUFFIXES = (".keras", ".tflite", ".h5", ".bin", ".onnx", ".npz", ".png")
LARGEST_REGULAR_FILE = 10 * 2**20  # bytes; larger files belong in LFS
GIT_ATTRIBUTES = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LFS_SUFFIXES)


class HubError(Exception):
    """An error response: status, message, and the headers from which the client chooses its exception."""

    def __init__(self, status: int, message: str, *, code: str | None = None, commit: str | None = None):
        super().__init__(message)
        self.status = status
        named = {"X-Error-Message": " ".join(message.split()), "X-Error-Code": code, "X-Repo-Commit": commit}
        self.headers = {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class File:
    """The content of a file, and whether it is stored in LFS."""

    content: bytes
    lfs: bool

    @property
    def size(self) -> int:
        return len(self.content)

    @cached_property
    def etag(self) -> str:
        """The sha256 of an LFS file; git's sha1 of any other."""
        if self.lfs:
            return hashlib.sha256(self.content).hexdigest()
        blob = f"blob {self.size}\0".encode() + self.content
        return hashlib.sha1(blob, usedforsecurity=False).hexdigest()


def belongs_in_lfs(path: str, size: int) -> bool:
    """Return whether the Hub stores a file of this name and size (bytes) in LFS; never an empty file."""
    return size > 0 and (path.endswith(LFS_SUFFIXES) or size > LARGEST_REGULAR_FILE)


@dataclass(frozen=True)
class Commit:
    """All files of a repo by path, and the commit's title, description and parent."""

    id: str
    title: str
    message: str
    parent: str | None
    files: Mapping[str, File]

    def entries(self) -> list[dict[str, Any]]:
        """Return all files as the JSON that the client reads."""
        entries: list[dict[str, Any]] = []
        for path, file in sorted(self.files.items()):
            entry: dict[str, Any] = {"type": "file", "path": path, "oid": file.etag, "size": file.size}
            lfs = {"oid": file.etag, "size": file.size, "pointerSize": 130}
            entries.append(entry | ({"lfs": lfs} if file.lfs else {}))
        return entries


@dataclass
class Space:
    """Settings and runtime of a Space."""

    sdk: str
    hardware: str = "cpu-basic"
    variables: dict[str, SpaceVariable] = field(default_factory=dict)
    ends_as: str = "RUNNING"  # stage in which the next build ends
    error: str = ""  # the Hub's message for a stage that ends in "_ERROR"
    # The current stage with its commit, then the next ones; each request for the runtime moves on.
    stages: list[tuple[str, str]] = field(default_factory=lambda: [("NO_APP_FILE", "")])

    def build(self, commit: str) -> None:
        """Start a build; the first request for the runtime still returns the previous stage."""
        stages = ("BUILDING", "APP_STARTING", self.ends_as)
        self.stages = [self.stages[-1], *((stage, commit) for stage in stages)]

    def set_variable(self, variable: dict[str, Any]) -> None:
        """Set a variable from its `key` and `value`."""
        self.variables[variable["key"]] = SpaceVariable(variable["key"], variable)

    def next_stage(self) -> tuple[str, str]:
        """Return the current stage with its commit, and move on to the next."""
        return self.stages.pop(0) if len(self.stages) > 1 else self.stages[0]


@dataclass
class Repo:
    """A model, dataset or Space repo."""

    id: str
    type: RepoType
    private: bool = False
    space: Space | None = None  # for Spaces only
    commits: dict[str, Commit] = field(default_factory=dict)  # by id
    branches: dict[str, str] = field(default_factory=dict)  # newest commit, of main and refs/pr/<number>
    tags: dict[str, str] = field(default_factory=dict)  # commit by tag
    objects: dict[str, bytes] = field(default_factory=dict)  # uploaded LFS files by sha256

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    def resolve(self, revision: str) -> Commit:
        """Return the commit of a branch, a tag or a commit id, or raise HubError."""
        commit = self.branches.get(revision) or self.tags.get(revision) or revision
        if commit not in self.commits:
            raise HubError(404, f"Invalid rev id: {revision}", code="RevisionNotFound")
        return self.commits[commit]

    def history(self, revision: str) -> list[Commit]:
        """Return the commits of a revision, newest first."""
        commits = [self.resolve(revision)]
        while (parent := commits[-1].parent) is not None:
            commits.append(self.commits[parent])
        return commits

    def commit(
        self,
        added: Mapping[str, File],
        *,
        deleted: Iterable[str] = (),
        title: str,
        message: str = "",
        parent: str | None = None,
        branch: str = "main",
    ) -> Commit:
        """Commit on top of `branch`, or of `main` for a new branch, and move `branch` to the commit.

        Raises:
            HubError: it is not at `parent`.
        """
        head = self.commits.get(self.branches.get(branch) or self.branches.get("main", ""))
        if head and parent not in (None, head.id):
            raise HubError(412, "A commit has happened since. Please refresh and try again.")
        files = {
            path: file for path, file in (head.files if head else {}).items() if path not in set(deleted)
        }
        commit = Commit(secrets.token_hex(20), title, message, head.id if head else None, {**files, **added})
        self.commits[commit.id] = commit
        self.objects.update({file.etag: file.content for file in added.values() if file.lfs})
        self.branches[branch] = commit.id
        if self.space and branch == "main":
            self.space.build(commit.id)
        return commit

    def add_tag(self, name: str, revision: str) -> None:
        """Tag the commit of a revision, or raise HubError if the tag exists."""
        if name in self.tags:
            raise HubError(409, "Tag reference exists already")
        self.tags[name] = self.resolve(revision).id


@dataclass(frozen=True)
class Token:
    """The user and the role of an access token."""

    user: str
    role: Role


class Store:
    """All repos, and all tokens."""

    def __init__(self) -> None:
        self.repos: dict[tuple[RepoType, str], Repo] = {}
        self.tokens: dict[str, Token] = {}

    def create(
        self, repo_id: str, repo_type: RepoType, *, private: bool = False, sdk: str | None = None
    ) -> Repo:
        """Create a repo with the Hub's own first commit, or raise HubError if it exists."""
        if (repo_type, repo_id) in self.repos:
            raise HubError(409, f"You already created this {repo_type} repo")
        repo = Repo(repo_id, repo_type, private=private)
        texts = {".gitattributes": GIT_ATTRIBUTES}
        if sdk:
            texts["README.md"] = f"---\ntitle: {repo_id.split('/')[1]}\nsdk: {sdk}\n---\n"
        files = {path: File(text.encode(), lfs=False) for path, text in texts.items()}
        repo.commit(files, title="initial commit")
        repo.space = Space(sdk) if sdk else None
        self.repos[repo_type, repo_id] = repo
        return repo

    def repo(self, repo_id: str, repo_type: RepoType = "model") -> Repo:
        """Return a repo, or raise HubError if there is none."""
        if (repo_type, repo_id) not in self.repos:
            raise HubError(404, "Repository not found", code="RepoNotFound")
        return self.repos[repo_type, repo_id]
