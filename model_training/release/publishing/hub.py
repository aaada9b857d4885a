"""The Hub: the state of a model repo, the token's rights, and the client's errors as messages."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from model_training.errors import PublishError
from model_training.release.release_folder import RELEASE_FILE


@dataclass(frozen=True)
class RepoState:
    """A model repo at the head of its main branch."""

    commit: str  # the full sha1
    private: bool
    files: Mapping[str, str]  # the content's id by path: sha256 for an LFS file, git's blob sha1 for another
    tags: Mapping[str, str]  # the commit of each tag
    release: dict[str, Any] | None  # the contents of release.json; None if it is missing or invalid


def check_token(api: HfApi, repo_id: str, *, pull_request: bool) -> str:
    """Return the name of the token's owner.

    Raises:
        PublishError: the token is read-only, or its owner can't write to the repo.
    """
    if repo_id.count("/") != 1:
        raise PublishError(f"{repo_id} is not the name of a repo; use the form user/name")
    account = api.whoami()
    name = str(account["name"])
    if account.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise PublishError(f"the token of {name} is read-only; set HF_TOKEN to one with write access")
    owner = repo_id.split("/")[0]
    if not pull_request and owner not in {name, *(group["name"] for group in account.get("orgs", []))}:
        raise PublishError(
            f"the token belongs to {name}, not a member of {owner}; use --pull-request to propose the release"
        )
    return name


def read_repo(api: HfApi, repo_id: str) -> RepoState | None:
    """Return the state of the repo; None if there is no repo.

    Raises:
        PublishError: the name is that of a dataset or Space.
    """
    try:
        info = api.model_info(repo_id)
    except RepositoryNotFoundError:
        # The Hub would allow the name of a dataset or Space for a model too, but here it is a mistake.
        for repo_type in ("dataset", "space"):
            if api.repo_exists(repo_id, repo_type=repo_type):
                raise PublishError(f"{repo_id} is a {repo_type}, not a model; choose another name") from None
        return None
    commit = str(info.sha)
    tree = api.list_repo_tree(repo_id, recursive=True, revision=commit)
    files = {
        entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id
        for entry in tree
        if isinstance(entry, RepoFile)
    }
    return RepoState(
        commit=commit,
        private=bool(info.private),
        files=files,
        tags={tag.name: tag.target_commit for tag in api.list_repo_refs(repo_id).tags},
        release=_read_release(api, repo_id, commit=commit) if RELEASE_FILE in files else None,
    )


def _read_release(api: HfApi, repo_id: str, *, commit: str) -> dict[str, Any] | None:
    path = Path(api.hf_hub_download(repo_id, RELEASE_FILE, revision=commit))
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        valid = isinstance(description["files"], dict) and isinstance(description["metrics"], list)
    except (ValueError, KeyError, TypeError):
        return None
    return description if valid else None


@contextmanager
def translate_hub_errors(repo_id: str) -> Iterator[None]:
    """Turn the Hub client's errors into PublishError."""
    try:
        yield
    except LocalTokenNotFoundError as error:
        raise PublishError(
            "no token found; log in with `hf auth login`, or set HF_TOKEN to a token with write access"
        ) from error
    except OfflineModeIsEnabled as error:
        raise PublishError("HF_HUB_OFFLINE is set, but publishing needs the Hub") from error
    except HfHubHTTPError as error:
        raise PublishError(_describe_response(error, repo_id)) from error
    except (httpx2.TransportError, LocalEntryNotFoundError) as error:
        cause = str(error) if isinstance(error, httpx2.TransportError) else "no connection"
        raise PublishError(
            f"no response from the Hub ({cause}); check the network and run the command again"
        ) from error
    except HFValidationError as error:
        raise PublishError(f"{repo_id} is not a valid name of a repo: {error}") from error
    except (RuntimeError, OSError) as error:  # raised by the client's uploads with LFS and Xet
        cause = " ".join(f"{error} {error.__cause__ or ''}".split()).rstrip(".")
        raise PublishError(f"the upload failed ({cause}); run the command again") from error


def _describe_response(error: HfHubHTTPError, repo_id: str) -> str:
    status = error.response.status_code
    reason = " ".join((error.server_message or error.response.reason_phrase).split()).rstrip(".")
    if status == 412:
        return f"{repo_id} has a new commit by another user; check its content, then publish again"
    if status == 409:
        return f"another user created the same in {repo_id} ({reason}); publish again"
    if status == 403:
        return f"the token has no write access to {repo_id} ({reason})"
    if isinstance(error, RepositoryNotFoundError):
        return f"there is no model repo {repo_id}, or the token has no access to it"
    if status == 401:
        return "the Hub rejects the token; log in with `hf auth login --force`, or set another HF_TOKEN"
    if status == 429 or status >= 500:
        return f"the Hub is overloaded or failing ({status}: {reason}); run the command again later"
    return f"the Hub rejects the request ({status}: {reason})"
