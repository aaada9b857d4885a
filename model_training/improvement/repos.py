"""Releases and review decisions, on the Hub or in folders."""

import json
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

from model_training.data.labelled_pictures import split_source
from model_training.errors import DatasetError
from model_training.improvement.review import REVIEW_FILE, Decision, Decisions, parse_decisions
from model_training.release.publishing.hub import translate_hub_errors


def fetch_release(name: str) -> Path:
    """Return a release folder: the folder `name`, or the newest release of the model repo `name`.

    Raises:
        PublishError: the Hub does not deliver it.
    """
    if Path(name).is_dir():
        return Path(name)
    with translate_hub_errors(name):
        return Path(snapshot_download(name))


def read_decisions(source: str) -> dict[str, Decision]:
    """Return the decisions on the corrections of a folder or of a data set on the Hub, by key.

    Raises:
        DatasetError: the file is invalid.
        PublishError: the Hub does not deliver it.
    """
    repo, revision = split_source(source)
    if repo is None:
        path = _find_file(source)
        return parse_decisions(path.read_text(encoding="utf-8")) if path.exists() else {}
    with translate_hub_errors(repo):
        api = HfApi()
        try:
            path = Path(api.hf_hub_download(repo, REVIEW_FILE, repo_type="dataset", revision=revision))
        except LocalEntryNotFoundError:  # no connection
            raise
        except EntryNotFoundError:
            return {}
    return parse_decisions(path.read_text(encoding="utf-8"))


def write_decisions(source: str, decisions: Decisions) -> None:
    """Store the decisions beside the corrections: in their folder, or in one commit to their data set.

    Raises:
        DatasetError: the source is neither.
        PublishError: the Hub does not take them.
    """
    text = json.dumps(dict(sorted(decisions.items())), indent=2) + "\n"
    repo, revision = split_source(source)
    if repo is None:
        path = _find_file(source)
        partial = path.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
        return
    with translate_hub_errors(repo):
        HfApi().upload_file(
            path_or_fileobj=text.encode(),
            path_in_repo=REVIEW_FILE,
            repo_id=repo,
            repo_type="dataset",
            revision=revision,
            commit_message="Review corrections",
        )


def _find_file(source: str) -> Path:
    folder = Path(source)
    if not folder.is_dir():
        raise DatasetError(f"{source} is no folder; only corrections in a folder or on the Hub are reviewed")
    return folder / REVIEW_FILE
