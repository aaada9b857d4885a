"""What a model repo on the Hub holds now, and whether a token may change it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from model_training.release.publishing.errors import PublishError
from model_training.release.release_folder import RELEASE_FILE


@dataclass(frozen=True)
class RepoState:
    """A model repo at the commit that its main branch is at.

    Attributes:
        commit: the full sha1.
        private: whether only its owners see it.
        files: each path with its content's id, sha256 for an LFS file, git's blob sha1 for another.
        tags: each with its commit.
        release: the contents of its release.json, None if it holds none that can be read.
    """

    commit: str
    private: bool
    files: Mapping[str, str]
    tags: Mapping[str, str]
    release: dict[str, Any] | None


def check_token(api: HfApi, repo_id: str, *, pull_request: bool) -> str:
    """The name of the token's owner.

    Raises:
        PublishError: the token can only read, or the repo would be somebody else's.
    """
    if repo_id.count("/") != 1:
        raise PublishError(f"{repo_id} is not the name of a repo, which is like user/name")
    account = api.whoami()
    name = str(account["name"])
    if account.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise PublishError(f"the token of {name} may only read; set HF_TOKEN to one that may write")
    owner = repo_id.split("/")[0]
    if not pull_request and owner not in {name, *(group["name"] for group in account.get("orgs", []))}:
        raise PublishError(
            f"the token is of {name}, who does not belong to {owner}; propose the release with --pull-request"
        )
    return name


def read_repo(api: HfApi, repo_id: str) -> RepoState | None:
    """The repo as it is now; None if there is none.

    Raises:
        PublishError: the name is that of a dataset or Space.
    """
    try:
        info = api.model_info(repo_id)
    except RepositoryNotFoundError:
        _check_not_of_other_type(api, repo_id)
        return None
    tree = api.list_repo_tree(repo_id, recursive=True, revision=info.sha)
    files = {
        entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id
        for entry in tree
        if isinstance(entry, RepoFile)
    }
    return RepoState(
        commit=str(info.sha),
        private=bool(info.private),
        files=files,
        tags={tag.name: tag.target_commit for tag in api.list_repo_refs(repo_id).tags},
        release=_read_release(api, repo_id, commit=str(info.sha)) if RELEASE_FILE in files else None,
    )


def _check_not_of_other_type(api: HfApi, repo_id: str) -> None:
    # The Hub lets a model and a dataset share a name, but whoever types a dataset's here has mistyped.
    for repo_type in ("dataset", "space"):
        if api.repo_exists(repo_id, repo_type=repo_type):
            raise PublishError(f"{repo_id} is a {repo_type}, not a model; choose another name")


def _read_release(api: HfApi, repo_id: str, *, commit: str) -> dict[str, Any] | None:
    path = Path(api.hf_hub_download(repo_id, RELEASE_FILE, revision=commit))
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return description if isinstance(description, dict) and "metrics" in description else None
