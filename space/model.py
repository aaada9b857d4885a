"""The model of a Space: a commit of a model repo on the Hub, downloaded and verified."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, constants

from space.errors import DeployError, explain_hub_errors

READER_FILES = ("reader.tflite", "line_reader.tflite")
RELEASE_FILE = "release.json"

_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>\S+))?", re.ASCII)
# Fields of the line reader in release.json that the static page needs.
_LINE_FIELDS = ("classes", "weights", "score", "acceptance_threshold")
# Metrics of release.json that card and page show, and what each is a share of.
_SHOWN_METRICS = {"accuracy": "read correctly", "refused": "correctly rejected as not digits"}


@dataclass(frozen=True)
class PinnedModel:
    """One commit of a model repo on the Hub."""

    repo: str  # user/name
    revision: str  # full sha1 of the commit
    url: str  # of the repo on the Hub
    folder: Path  # with READER_FILES and release.json
    sha256: dict[str, str]  # of each of READER_FILES
    threshold: float  # minimum digit_score, 0..1, of an accepted single digit
    line_reader: dict[str, Any]  # its classes, how it is joined with the digit reader, and the threshold then
    scores: tuple[tuple[str, int, str], ...]  # data set, number of pictures, result in words; test sets first


def open_model(repo: str, revision: str, *, endpoint: str, folder: Path) -> PinnedModel:
    """Return a downloaded model.

    Raises:
        DeployError: release.json is invalid, or a reader does not have the sha256 that it gives.
    """
    try:
        release = json.loads((folder / RELEASE_FILE).read_bytes())
        sha256 = {name: str(release["files"][name]["sha256"]) for name in READER_FILES}
        threshold = float(release["acceptance_threshold"])
        line_reader = {name: release["line_reader"][name] for name in _LINE_FIELDS}
        scores = [
            (str(metric["dataset"]), int(metric["size"]), f"{100 * metric['value']:.4g} % {meaning}")
            for metric in release["metrics"]
            if (meaning := _SHOWN_METRICS.get(metric["metric"]))
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise DeployError(f"invalid {RELEASE_FILE} of {repo}: {error!r}") from error
    for name in READER_FILES:
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != sha256[name]:
            raise DeployError(
                f"{name} of {repo} does not match the sha256 in its {RELEASE_FILE}; publish the release "
                "again, or choose another revision"
            )
    scores.sort(key=lambda score: "test" not in score[0])
    url = f"{endpoint}/{repo}"
    return PinnedModel(repo, revision, url, folder, sha256, threshold, line_reader, tuple(scores))


def pin_model(name: str) -> PinnedModel:
    """Find the current commit of a model, and download its readers without a token, as the Space does.

    Args:
        name: `user/name`, or `user/name@revision` with a branch, tag or commit; `main` by default.

    Raises:
        DeployError: there is no such public model, it is not an intact release, or the Hub is not available.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise DeployError(f"invalid name of a model: {name!r}; use user/name or user/name@revision")
    repo, revision = parts["repo"], parts["revision"] or "main"
    api = HfApi(token=False)
    with explain_hub_errors(f"the model {repo} at {revision}"):
        commit = str(api.model_info(repo, revision=revision).sha)
        folder = _download(api, repo, commit)
        try:
            return open_model(repo, commit, endpoint=constants.ENDPOINT, folder=folder)
        except DeployError:  # the file in the local cache may be damaged
            _download(api, repo, commit, force=True)
            return open_model(repo, commit, endpoint=constants.ENDPOINT, folder=folder)


def _download(api: HfApi, repo: str, commit: str, *, force: bool = False) -> Path:
    for name in (RELEASE_FILE, *READER_FILES):
        path = api.hf_hub_download(repo, name, revision=commit, force_download=force)
    return Path(path).parent
