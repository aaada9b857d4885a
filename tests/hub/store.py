"""Repos with their commits, branches, tags and pull requests, held in memory."""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from tests.hub.objects import LFS_SUFFIXES, Commit, File, folders, git_id
from tests.hub.refusals import (
    AlreadyExists,
    BadRequest,
    EntryNotFound,
    Forbidden,
    RepoNotFound,
    RevisionNotFound,
    StaleParent,
)
from tests.hub.space import Space

RepoType = Literal["model", "dataset", "space"]

REPO_ID = re.compile(r"[\w-]+/(?!.*(--|\.\.|\.git$))[\w.-]{1,96}", re.ASCII)
REF_NAME = re.compile(r"(?!.*(\.\.|//|@\{|\.lock$))[\w][\w./@+-]*(?<![./])", re.ASCII)
SHORTEST_PARENT = 7  # characters of a sha1 by which the Hub lets the client name a commit's parent

GIT_ATTRIBUTES = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LFS_SUFFIXES)


@dataclass
class Repo:
    """A repo as the Hub holds it; `space` only for Spaces."""

    id: str
    type: RepoType
    private: bool = False
    space: Space | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pull_requests: dict[str, str] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)  # uploaded LFS objects by sha256
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    def resolve(self, revision: str) -> Commit:
        """Return the commit that a branch, a tag, a pull request or a full sha1 names.

        Raises:
            RevisionNotFound: If none is called that.
        """
        for names in (self.branches, self.tags, self.pull_requests):
            if revision in names:
                return self.commits[names[revision]]
        if revision in self.commits:
            return self.commits[revision]
        raise RevisionNotFound(revision)

    def history(self, revision: str) -> list[Commit]:
        """Return a revision's commits, newest first."""
        commits = [self.resolve(revision)]
        while (parent := commits[-1].parent) is not None:
            commits.append(self.commits[parent])
        return commits

    def commit(
        self,
        additions: Mapping[str, File],
        *,
        deletions: Iterable[str] = (),
        branch: str = "main",
        title: str,
        message: str = "",
        author: str,
        parent: str | None = None,
        as_pull_request: bool = False,
    ) -> tuple[Commit, str]:
        """Add a commit to a branch or pull request, or open a pull request with it.

        Args:
            deletions: Paths of files, or of folders with a slash at the end.
            parent: The sha1, or its beginning, of the commit that this one was made for.

        Returns:
            The commit and the ref that now names it.

        Raises:
            BadRequest: If the revision is neither a branch nor a pull request, or a file would be a folder.
            StaleParent: If the branch is not at `parent`.
            EntryNotFound: If something to delete is not there.
        """
        with self.lock:
            refs = self.pull_requests if branch in self.pull_requests else self.branches
            if self.resolve(branch).id != refs.get(branch):
                raise BadRequest(f"{branch} is not a branch")
            head = self._base(refs[branch], parent, as_pull_request=as_pull_request)
            files = {**_without(head, deletions), **additions}
            commit = self._record(files, title=title, message=message, author=author, parent=head.id)
            if as_pull_request:
                refs, branch = self.pull_requests, f"refs/pr/{len(self.pull_requests) + 1}"
            refs[branch] = commit.id
            if self.space is not None and branch == "main":
                self.space.build(commit.id)
            return commit, branch

    def start(self, files: Mapping[str, File], *, author: str) -> None:
        """Put the first commit on the branch `main`."""
        first = self._record(files, title="initial commit", message="", author=author, parent=None)
        self.branches["main"] = first.id

    def add_branch(self, name: str, revision: str) -> None:
        self._name(self.branches, name, revision=revision, what="Branch")

    def add_tag(self, name: str, revision: str) -> None:
        self._name(self.tags, name, revision=revision, what="Tag")

    def delete_branch(self, name: str) -> None:
        if name == "main":
            raise Forbidden("The main branch cannot be deleted")
        if self.branches.pop(name, None) is None:
            raise RevisionNotFound(name)

    def delete_tag(self, name: str) -> None:
        if self.tags.pop(name, None) is None:
            raise RevisionNotFound(name)

    def _name(self, names: dict[str, str], name: str, *, revision: str, what: str) -> None:
        if not REF_NAME.fullmatch(name):
            raise BadRequest(f"Invalid reference name: {name}")
        with self.lock:
            if name in names:
                raise AlreadyExists(f"{what} reference exists already")
            names[name] = self.resolve(revision).id

    def _base(self, head: str, parent: str | None, *, as_pull_request: bool) -> Commit:
        if parent is None:
            return self.commits[head]
        if len(parent) < SHORTEST_PARENT:
            raise BadRequest(f"parentCommit {parent!r} is too short")
        if head.startswith(parent):
            return self.commits[head]
        if not as_pull_request:
            raise StaleParent
        return self.resolve(parent)

    def _record(
        self, files: Mapping[str, File], *, title: str, message: str, author: str, parent: str | None
    ) -> Commit:
        within = folders(files)
        if clash := files.keys() & within.keys():
            raise BadRequest(f"Both a file and a folder: {', '.join(sorted(clash))}")
        # The count keeps two commits apart that say and hold the same.
        said = f"{within['']}\n{parent}\n{title}\n{message}\n{len(self.commits)}"
        commit = Commit(
            git_id("commit", said.encode()), title, message, parent, author, datetime.now(UTC), files
        )
        self.commits[commit.id] = commit
        self.objects.update({file.sha256: file.content for file in files.values() if file.lfs})
        return commit


def _without(commit: Commit, deletions: Iterable[str]) -> dict[str, File]:
    files = dict(commit.files)
    for deletion in deletions:
        gone = [
            path for path in files if path == deletion or (deletion[-1:] == "/" and path.startswith(deletion))
        ]
        if not gone:
            raise EntryNotFound("A file with this name doesn't exist", commit.id)
        for path in gone:
            del files[path]
    return files


class Store:
    """All repos of a Hub."""

    def __init__(self) -> None:
        self._repos: dict[tuple[RepoType, str], Repo] = {}

    def create(
        self, repo_id: str, repo_type: RepoType, *, author: str, private: bool = False, sdk: str | None = None
    ) -> Repo:
        """Create a repo with the first commit that the Hub gives it.

        Raises:
            BadRequest: If it cannot be called that.
            AlreadyExists: If it is there.
        """
        if not REPO_ID.fullmatch(repo_id):
            raise BadRequest(f"Invalid repo name: {repo_id}")
        if (repo_type, repo_id) in self._repos:
            raise AlreadyExists(f"You already created this {repo_type} repo")
        repo = Repo(repo_id, repo_type, private=private, space=Space(sdk) if sdk else None)
        files = {".gitattributes": GIT_ATTRIBUTES}
        if sdk:
            files["README.md"] = f"---\ntitle: {repo_id.split('/')[1]}\nsdk: {sdk}\n---\n"
        repo.start({path: File(text.encode(), lfs=False) for path, text in files.items()}, author=author)
        return self._repos.setdefault((repo_type, repo_id), repo)

    def repo(self, repo_id: str, repo_type: RepoType = "model") -> Repo:
        """Return a repo, or raise RepoNotFound."""
        try:
            return self._repos[repo_type, repo_id]
        except KeyError as missing:
            raise RepoNotFound from missing

    def delete(self, repo: Repo) -> None:
        del self._repos[repo.type, repo.id]
