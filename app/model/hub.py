"""Fetch the files of a release from the Hugging Face Hub, and remember the last known good commit."""

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote

from app.model.release import DESCRIPTION_FILE, RELEASE_FILES, ReleaseError, read_description

_FULL_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAX_FILE_BYTES = 64 * 2**20  # a reader has half a megabyte

_log = logging.getLogger(__name__)


class HubError(ReleaseError):
    """The Hub does not deliver the release; the message is the reason, one sentence."""


@dataclass(frozen=True)
class HubModel:
    """A release on the Hub: `repo`, "user/name", at a `revision`, which is a branch, tag or commit."""

    repo: str
    revision: str

    def find_commit(self) -> str:
        """Return the full commit that the revision points to.

        Raises:
            HubError: the Hub does not respond, or responds with an error.
        """
        if _FULL_COMMIT.fullmatch(self.revision):
            return self.revision
        from huggingface_hub import HfApi  # here and below: the import takes half a second

        with self.explained():
            commit = HfApi().model_info(self.repo, revision=self.revision).sha
        if commit is None or not _FULL_COMMIT.fullmatch(commit):
            raise HubError(f"The Hub returned no commit for {self}.")
        return commit

    def fetch(self, commit: str, *, again: bool = False) -> Path:
        """Return a folder with the release at `commit`; files in the cache are not fetched.

        Args:
            commit: a full commit.
            again: fetch the files even if they are in the cache, because they are damaged there.

        Raises:
            HubError: the Hub does not deliver them.
            ReleaseError: the release is damaged, or of another format.
        """
        from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()  # they would fill a server's log
        missing = again or self.find_cached(commit) is None
        for name in RELEASE_FILES:
            with self.explained():
                if missing:
                    size = get_hf_file_metadata(hf_hub_url(self.repo, name, revision=commit)).size
                    if size is not None and size > _MAX_FILE_BYTES:
                        raise HubError(f"{name} of {self} has {size:,} bytes, more than {_MAX_FILE_BYTES:,}.")
                path = hf_hub_download(self.repo, name, revision=commit, force_download=again)
            if name == DESCRIPTION_FILE:
                read_description(Path(path).parent)  # a release of another format may lack the other files
        return Path(path).parent

    def find_cached(self, revision: str) -> Path | None:
        """Return the folder, named by its commit, if the cache has all files of the release at `revision`."""
        from huggingface_hub import try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError

        try:
            paths = [try_to_load_from_cache(self.repo, name, revision=revision) for name in RELEASE_FILES]
        except HFValidationError:  # it is no name on the Hub
            return None
        return Path(paths[0]).parent if all(isinstance(path, str) for path in paths) else None  # type: ignore[arg-type]

    def link_to(self, commit: str) -> str:
        """Return the URL of a commit's page on the Hub."""
        from huggingface_hub.constants import ENDPOINT

        return f"{ENDPOINT}/{self.repo}/tree/{commit}"

    def __str__(self) -> str:
        """Return the name for messages: "user/name at main"."""
        return f"{self.repo} at {self.revision}"

    @contextmanager
    def explained(self, kind: str = "model") -> Iterator[None]:
        """Turn every exception of the Hub's client into a HubError; `kind` is that of the repo."""
        from httpx2 import HTTPError
        from huggingface_hub import errors

        try:
            yield
        except HubError:
            raise
        except Exception as error:
            match error:
                case errors.OfflineModeIsEnabled():
                    reason = "HF_HUB_OFFLINE is set, so no request is sent to the Hub."
                case errors.GatedRepoError():
                    reason = f"{self.repo} is gated, and HF_TOKEN gives no access to it."
                case errors.RepositoryNotFoundError():
                    reason = f"There is no {kind} {self.repo} on the Hub that HF_TOKEN may read."
                case errors.RevisionNotFoundError():
                    reason = f"{self.repo} has no revision {self.revision}."
                case errors.RemoteEntryNotFoundError():
                    reason = f"{self} is not a release: a file is missing."
                case errors.HfHubHTTPError() if error.response.status_code == 401:
                    reason = "The Hub refuses the token in HF_TOKEN."
                case errors.HfHubHTTPError():
                    reason = f"The Hub responds with an error, status {error.response.status_code}."
                case errors.HFValidationError():
                    reason = f"{self} is not a valid name on the Hub."
                case errors.LocalEntryNotFoundError() | HTTPError() | OSError():
                    reason = "The Hub cannot be reached, or the connection broke."
                case RuntimeError():
                    reason = "The upload to the Hub failed."
                case _:  # such as JSONDecodeError: a captive portal responds 200 with HTML
                    reason = f"The Hub's response is invalid ({type(error).__name__})."
            raise HubError(reason) from error


def remember_commit(model: HubModel, commit: str) -> None:
    """Store `commit` as the last known good one. Several apps may share the file; the last write counts."""
    path = _find_record(model)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, suffix=".partial", delete=False) as file:
            json.dump({"commit": commit}, file)
        os.replace(file.name, path)
    except OSError as error:
        _log.warning("Cannot store the last known good commit of %s: %s", model, error)


def recall_commit(model: HubModel) -> str | None:
    """Return the last known good commit, if there is one."""
    try:
        commit = json.loads(_find_record(model).read_text(encoding="utf-8"))["commit"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return commit if isinstance(commit, str) else None


def find_state(model: HubModel) -> Path:
    """Return the path, without a suffix, at which the app keeps files about a repo."""
    from huggingface_hub.constants import HF_HOME

    return Path(HF_HOME) / "handwritten-digits" / quote(f"{model.repo}@{model.revision}", safe="@")


def _find_record(model: HubModel) -> Path:
    path = find_state(model)
    return path.with_name(f"{path.name}.json")
