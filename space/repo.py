"""What a Space on the Hub holds now, and whether a token may change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from space.errors import DeployError
from space.manifest import MANIFEST_FILE, read_manifest


@dataclass(frozen=True)
class SpaceState:
    """A Space at the commit that its main branch is at.

    Attributes:
        commit: the full sha1.
        private: whether only its owners see it.
        files: each path with its content's id, sha256 for an LFS file, git's blob sha1 for another.
        written: what deployment.json says was written here: each path with its content's ids.
        given: what the Hub itself put into the Space when it was new, as in `files`.
        variables: each with its value.
    """

    commit: str
    private: bool
    files: Mapping[str, str]
    written: Mapping[str, tuple[str, ...]]
    given: Mapping[str, str]
    variables: Mapping[str, str]


def check_token(api: HfApi, repo: str) -> str:
    """Return the name of the token's owner.

    Raises:
        DeployError: the token can only read, or the Space would be somebody else's.
    """
    account = api.whoami()
    name = str(account["name"])
    if account.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise DeployError(f"the token of {name} may only read; set HF_TOKEN to one that may write")
    owner = repo.split("/")[0]
    if owner not in {name, *(group["name"] for group in account.get("orgs", []))}:
        raise DeployError(f"the token is of {name}, who does not belong to {owner}")
    return name


def read_space(api: HfApi, repo: str) -> SpaceState | None:
    """Return the Space as it is now, None if there is none."""
    try:
        info = api.space_info(repo)
    except RepositoryNotFoundError:
        return None
    commit = str(info.sha)
    files = _list_files(api, repo, commit=commit)
    first = api.list_repo_commits(repo, repo_type="space")[-1].commit_id
    return SpaceState(
        commit=commit,
        private=bool(info.private),
        files=files,
        written=_read_written(api, repo, commit=commit) if MANIFEST_FILE in files else {},
        given=_list_files(api, repo, commit=first),
        variables={key: held.value or "" for key, held in api.get_space_variables(repo).items()},
    )


def _list_files(api: HfApi, repo: str, *, commit: str) -> dict[str, str]:
    tree = api.list_repo_tree(repo, recursive=True, revision=commit, repo_type="space")
    return {
        entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id
        for entry in tree
        if isinstance(entry, RepoFile)
    }


def _read_written(api: HfApi, repo: str, *, commit: str) -> dict[str, tuple[str, ...]]:
    return read_manifest(Path(api.hf_hub_download(repo, MANIFEST_FILE, repo_type="space", revision=commit)))
