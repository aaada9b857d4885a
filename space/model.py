"""The model that a Space serves: a commit of a model repo on the Hub, fetched and checked."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, constants

from space.errors import DeployError, hub_errors_explained

READER_FILE = "reader.tflite"
RELEASE_FILE = "release.json"

_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>\S+))?", re.ASCII)


@dataclass(frozen=True)
class PinnedModel:
    """A model on the Hub that cannot change any more.

    Attributes:
        repo: `user/name`.
        revision: the full sha1 of the commit.
        endpoint: the Hub's address, without a slash at its end.
        folder: where reader.tflite and release.json of that commit lie on this machine.
    """

    repo: str
    revision: str
    endpoint: str
    folder: Path

    def describe(self) -> dict[str, Any]:
        """Return what release.json says."""
        description: dict[str, Any] = json.loads((self.folder / RELEASE_FILE).read_bytes())
        return description


def pin_model(name: str) -> PinnedModel:
    """Find the commit that `name` stands for now, and fetch its reader.

    The Hub is asked without a token, as the Space will ask it.

    Args:
        name: `user/name`, or `user/name@revision` with a branch, tag or commit; else `main`.

    Raises:
        DeployError: there is no such public model, it is no whole release, or the Hub does not give it.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise DeployError(f"{name!r} names no model; write user/name, or user/name@revision")
    repo, revision = parts["repo"], parts["revision"] or "main"
    api = HfApi(token=False)
    with hub_errors_explained(f"the model {repo} at {revision}"):
        commit = str(api.model_info(repo, revision=revision).sha)
        folder = _fetch(api, repo, commit)
        if not _is_whole(folder):
            folder = _fetch(api, repo, commit, again=True)  # the cache may be what is damaged
    if not _is_whole(folder):
        raise DeployError(
            f"{READER_FILE} of {repo} at {revision} is not the file that its {RELEASE_FILE} describes; "
            "publish the release again, or choose another revision"
        )
    return PinnedModel(repo, commit, constants.ENDPOINT, folder)


def _fetch(api: HfApi, repo: str, commit: str, *, again: bool = False) -> Path:
    names = (RELEASE_FILE, READER_FILE)
    paths = [api.hf_hub_download(repo, name, revision=commit, force_download=again) for name in names]
    return Path(paths[0]).parent


def _is_whole(folder: Path) -> bool:
    try:
        description = json.loads((folder / RELEASE_FILE).read_bytes())
        sha256 = description["files"][READER_FILE]["sha256"]
    except (ValueError, KeyError, TypeError):
        return False
    return bool(hashlib.sha256((folder / READER_FILE).read_bytes()).hexdigest() == sha256)
