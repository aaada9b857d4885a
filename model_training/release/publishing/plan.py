"""The plan of a publication: the changes to the repo, and whether they are allowed."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_training.errors import PublishError
from model_training.release.publishing.hub import RepoState
from model_training.release.publishing.package import Package

_TAG_NAME = re.compile(r"\w+([.+-]\w+)*", re.ASCII)  # a subset of the names that git allows
_STANDARD_ERRORS = 1.96  # two-proportion z-test at the two-sided 95 % level
CALIBRATION_TOLERANCE = 0.002  # of the expected calibration error; retrained networks differ by less


@dataclass(frozen=True)
class Target:
    """The destination of a release, and options."""

    repo_id: str  # `user/name`
    private: bool = False  # create a new repo as private
    pull_request: bool = False  # open a pull request instead of committing to the main branch
    tag: str | None = None  # for the commit
    allow_regression: bool = False  # publish even if the repo's release is better


@dataclass(frozen=True)
class Plan:
    """The changes to a repo."""

    title: str  # of the commit
    message: str  # the rest of the commit message
    added: tuple[str, ...]  # paths that the repo lacks
    changed: tuple[str, ...]  # paths whose content differs
    deleted: tuple[str, ...]  # paths of the repo's release that the new release lacks
    new_tag: str | None  # the tag to create, if any

    @property
    def is_empty(self) -> bool:
        """Whether the repo holds this release already."""
        return not (self.added or self.changed or self.deleted)

    def lines(self, target: Target, *, state: RepoState | None) -> list[str]:
        """Return the plan as text."""
        lines = []
        if state is None:
            lines.append(f"new {'private' if target.private else 'public'} repo {target.repo_id}")
        if self.is_empty:
            lines.append(f"{target.repo_id} holds this release already: no commit")
        else:
            kind = "pull request" if target.pull_request else "commit"
            lines += [f"{kind} to {target.repo_id}: {self.title}", *self.message.splitlines()]
            lines += [f"  add     {path}" for path in self.added]
            lines += [f"  change  {path}" for path in self.changed]
            lines += [f"  delete  {path}" for path in self.deleted]
        if self.new_tag is not None:
            lines.append(f"tag {self.new_tag}")
        return lines


def make_plan(package: Package, target: Target, *, state: RepoState | None) -> Plan:
    """Return the changes to a repo with this `state`, None for a repo that does not exist.

    Raises:
        PublishError: the repo is public but should be private, the tag exists or is invalid, a pull request
            has no repo, or the release reads other signs than the repo's, or is worse.
    """
    _check_target(target, state)
    before = state.release if state else None
    if before and before.get("labels", package.description["labels"]) != package.description["labels"]:
        raise PublishError(
            f"the release in {target.repo_id} reads other signs; publish this one to another repo"
        )
    there: Mapping[str, str] = state.files if state else {}
    regressions = find_regressions(package.description, before) if before else []
    if regressions and not target.allow_regression:
        raise PublishError(
            f"the release is worse than the one in {target.repo_id}: {'; '.join(regressions)} "
            "(use --allow-regression to publish it anyway)"
        )
    common = package.files.keys() & there.keys()
    plan = Plan(
        title=package.title + (", allowed regression" if regressions else ""),
        message="\n".join(f"Worse: {regression}" for regression in regressions),
        added=tuple(sorted(package.files.keys() - there.keys())),
        changed=tuple(sorted(path for path in common if there[path] not in _ids(package.files[path]))),
        # Files of the earlier release only; files that were added by hand stay.
        deleted=tuple(sorted(there.keys() & set(before["files"] if before else ()) - package.files.keys())),
        new_tag=target.tag if state is None or target.tag not in state.tags else None,
    )
    tagged = state.tags.get(target.tag) if state and target.tag else None
    if tagged is not None and state is not None and not (plan.is_empty and tagged == state.commit):
        raise PublishError(f"the tag {target.tag} exists already, on commit {tagged[:12]}; choose another")
    return plan


def _check_target(target: Target, state: RepoState | None) -> None:
    if target.tag is not None and not _TAG_NAME.fullmatch(target.tag):
        raise PublishError(f"{target.tag!r} is not a valid tag; use a tag like v1.2.0")
    if state is None and target.pull_request:
        raise PublishError(f"{target.repo_id} does not exist; leave out --pull-request to create it")
    if state is not None and target.private and not state.private:
        raise PublishError(
            f"{target.repo_id} is public; make it private in its settings first, or leave out --private"
        )


def _ids(data: bytes) -> set[str]:
    """Return the ids that the Hub can give this content: sha256 for an LFS file, else git's blob sha1."""
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
    return {hashlib.sha256(data).hexdigest(), blob.hexdigest()}


def find_regressions(new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    """Return the scores that are worse in the release.json `new` than in `old`, as phrases.

    Compares accuracy and calibration on each data set that has the same name and size in both. A difference
    below the sampling error is no regression. An `old` of another program has no scores to compare.
    """
    try:
        before = _scores(old)
    except (KeyError, TypeError, ValueError):
        return []
    return [
        f"{key[0].replace('_', ' ')} on {key[1]} {100 * value:.2f} %, before {100 * before[key]:.2f} %"
        for key, value in _scores(new).items()
        if key in before and _is_worse(value, before[key], metric=key[0], size=key[2])
    ]


def _scores(description: dict[str, Any]) -> dict[tuple[str, str, int], float]:
    """Return the scores to compare, by metric, data set and size.

    The validation digits are left out, because temperature and threshold were fitted to them.
    """
    return {
        (metric["metric"], metric["dataset"], int(metric["size"])): float(metric["value"])
        for metric in description["metrics"]
        if metric["metric"] in ("accuracy", "calibration_error") and metric["dataset"] != "MNIST validation"
    }


def _is_worse(new: float, old: float, *, metric: str, size: int) -> bool:
    if metric == "calibration_error":
        return new - old > CALIBRATION_TOLERANCE
    pooled = (new + old) / 2
    return old - new > _STANDARD_ERRORS * math.sqrt(2 * pooled * (1 - pooled) / size)
