"""The verified model of a Space: a commit of a model repo on the Hub, or a release folder on this machine."""

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
class ModelCommit:
    """One commit of a model repo on the Hub."""

    repo: str  # user/name
    revision: str  # full sha1
    url: str  # of the repo on the Hub


@dataclass(frozen=True)
class SpaceModel:
    """A release, and where the Space gets it from."""

    commit: ModelCommit | None  # None: the release is among the files of the Space
    name: str  # in messages and on the page
    folder: Path  # with READER_FILES and release.json
    sha256: dict[str, str]  # of each of READER_FILES
    labels: str  # the sign of each digit
    threshold: float  # minimum digit_score, 0..1, of an accepted single digit
    line_reader: dict[str, Any]  # its classes, how it is joined with the digit reader, and the threshold then
    scores: tuple[tuple[str, int, str], ...]  # data set, number of pictures, result in words; test sets first


def find_model(name: str) -> SpaceModel:
    """Return a release folder on this machine, or else find a model on the Hub.

    Args:
        name: a folder, or `user/name` or `user/name@revision` with a branch, tag or commit, else `main`.

    Raises:
        DeployError: there is no such folder or public model, it is not an intact release, or the Hub is not
            available.
    """
    return open_release(Path(name), name) if Path(name).is_dir() else _pin_model(name)


def open_release(folder: Path, origin: str, commit: ModelCommit | None = None) -> SpaceModel:
    """Return the release in a folder; `origin` is its name in errors.

    Raises:
        DeployError: release.json is invalid, or a reader does not have the sha256 that it gives.
    """
    try:
        release = json.loads((folder / RELEASE_FILE).read_bytes())
        contents = {name: (folder / name).read_bytes() for name in READER_FILES}
        sha256 = {name: str(release["files"][name]["sha256"]) for name in READER_FILES}
        labels = "".join(release["labels"])
        if len(labels) != len(release["labels"]):
            raise ValueError("a label is not one character")
        threshold = float(release["acceptance_threshold"])
        line_reader = {name: release["line_reader"][name] for name in _LINE_FIELDS}
        scores = [
            (str(metric["dataset"]), int(metric["size"]), f"{100 * metric['value']:.4g} % {meaning}")
            for metric in release["metrics"]
            if (meaning := _SHOWN_METRICS.get(metric["metric"]))
        ]
        name = f"{commit.repo} at {commit.revision[:12]}" if commit else f"release {release['name']}"
    except OSError as error:
        raise DeployError(f"{origin} is not a release: {error.filename} cannot be read") from error
    except (KeyError, TypeError, ValueError) as error:
        raise DeployError(f"invalid {RELEASE_FILE} of {origin}: {error!r}") from error
    for file, content in contents.items():
        if hashlib.sha256(content).hexdigest() != sha256[file]:
            again = "publish the release again, or choose another revision" if commit else "copy it again"
            raise DeployError(f"{file} of {origin} does not match the sha256 in its {RELEASE_FILE}; {again}")
    scores.sort(key=lambda score: "test" not in score[0])
    return SpaceModel(commit, name, folder, sha256, labels, threshold, line_reader, tuple(scores))


def _pin_model(name: str) -> SpaceModel:
    """Find the current commit of a model, and download its readers without a token, as the Space does."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise DeployError(
            f"invalid name of a model: {name!r}; use user/name, user/name@revision or a release folder"
        )
    repo, revision = parts["repo"], parts["revision"] or "main"
    api = HfApi(token=False)
    with explain_hub_errors(f"the model {repo} at {revision}"):
        commit = ModelCommit(
            repo, str(api.model_info(repo, revision=revision).sha), f"{constants.ENDPOINT}/{repo}"
        )
        folder = _download(api, repo, commit.revision)
        try:
            return open_release(folder, repo, commit)
        except DeployError:  # the file in the local cache may be damaged
            _download(api, repo, commit.revision, force=True)
            return open_release(folder, repo, commit)


def _download(api: HfApi, repo: str, commit: str, *, force: bool = False) -> Path:
    for name in (RELEASE_FILE, *READER_FILES):
        path = api.hf_hub_download(repo, name, revision=commit, force_download=force)
    return Path(path).parent
