"""What publishing would change in a repo, refused where it should not."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from model_training.release.publishing.comparison import find_regressions
from model_training.release.publishing.errors import PublishError
from model_training.release.publishing.package import Package
from model_training.release.publishing.repo import RepoState

_TAG_NAME = re.compile(r"\w+([.+-]\w+)*", re.ASCII)  # fewer than git allows, and none that it does not


@dataclass(frozen=True)
class Target:
    """Where a release goes, and how.

    Attributes:
        repo_id: `user/name`.
        private: make a new repo private.
        pull_request: propose the release instead of putting it on the main branch.
        tag: for the commit.
        allow_regression: publish although the repo's release is better.
    """

    repo_id: str
    private: bool = False
    pull_request: bool = False
    tag: str | None = None
    allow_regression: bool = False


@dataclass(frozen=True)
class Plan:
    """What publishing would do.

    Attributes:
        title: of the commit.
        message: below the title.
        added: paths that are new in the repo.
        changed: paths with another content than in the repo.
        deleted: paths that only the repo's release has.
    """

    title: str
    message: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the repo holds just this release already."""
        return not (self.added or self.changed or self.deleted)

    def lines(self, target: Target, *, state: RepoState | None) -> list[str]:
        """The plan as a person reads it."""
        if self.is_empty:
            lines = [f"{target.repo_id} holds this release already: no commit"]
        else:
            where = "pull request" if target.pull_request else "commit"
            lines = [
                f"{where} to {target.repo_id}: {self.title}",
                *self.message.splitlines(),
                *(f"  add     {path}" for path in self.added),
                *(f"  change  {path}" for path in self.changed),
                *(f"  delete  {path}" for path in self.deleted),
            ]
        if state is None:
            lines.insert(0, f"new {'private' if target.private else 'public'} repo {target.repo_id}")
        if target.tag is not None and (state is None or target.tag not in state.tags):
            lines.append(f"tag {target.tag}")
        return lines


def make_plan(package: Package, target: Target, *, state: RepoState | None) -> Plan:
    """What publishing would do to a repo in this `state`, None for no repo.

    Raises:
        PublishError: the repo is public and should be private, the tag is taken, there is nothing to propose
            to, or the release is worse than the repo's.
    """
    _check_target(target, state)
    before = state.release if state else None
    there: Mapping[str, str] = state.files if state else {}
    regressions = find_regressions(package.description, before) if before else []
    if regressions and not target.allow_regression:
        raise PublishError(
            f"the release is worse than what {target.repo_id} holds: {'; '.join(regressions)} "
            "(--allow-regression publishes it all the same)"
        )
    plan = Plan(
        title=_title(package) + (", a regression that was allowed" if regressions else ""),
        message="\n".join(f"Worse: {regression}" for regression in regressions),
        added=tuple(sorted(package.files.keys() - there.keys())),
        changed=tuple(
            sorted(
                path for path, data in package.files.items() if there.get(path, "") not in {"", *_ids(data)}
            )
        ),
        # What an earlier release left and this one has not; files that somebody else put there stay.
        deleted=tuple(sorted(there.keys() & set((before or {}).get("files", {})) - package.files.keys())),
    )
    _check_tag(plan, target, state)
    return plan


def _check_target(target: Target, state: RepoState | None) -> None:
    if state is None:
        if target.pull_request:
            raise PublishError(f"there is no {target.repo_id} yet to propose to; leave out --pull-request")
        return
    if target.private and not state.private:
        raise PublishError(
            f"{target.repo_id} is public; make it private in its settings first, or leave out --private"
        )


def _check_tag(plan: Plan, target: Target, state: RepoState | None) -> None:
    if target.tag is not None and not _TAG_NAME.fullmatch(target.tag):
        raise PublishError(f"{target.tag!r} cannot be a tag; choose one like v1.2.0")
    commit = state.tags.get(target.tag) if state and target.tag else None
    if commit is not None and state is not None and not (plan.is_empty and commit == state.commit):
        raise PublishError(f"the tag {target.tag} exists already, on commit {commit[:12]}; choose another")


def _title(package: Package) -> str:
    accuracy = next(
        metric["value"]
        for metric in package.description["metrics"]
        if (metric["dataset"], metric["metric"]) == ("MNIST test", "accuracy")
    )
    return f"Publish {package.description['name']}: {100 * accuracy:.2f} % right on MNIST test"


def _ids(data: bytes) -> set[str]:
    """What the Hub may call this content: sha256 as an LFS file, git's blob sha1 as another."""
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
    return {hashlib.sha256(data).hexdigest(), blob.hexdigest()}
