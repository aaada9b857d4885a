"""A data set on the Hugging Face Hub, at one commit: its files are listed first, and fetched when needed."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.batch.errors import BatchError
from app.batch.names import may_hold_pictures

_FETCHED_AT_ONCE = 8  # as many as the client's own snapshot_download


@dataclass(frozen=True)
class HubSource:
    """The data set `repo`, "user/name", at a `revision`, which is a branch, tag or commit."""

    repo: str
    revision: str
    commit: str | None = None

    @property
    def name(self) -> str:
        """What a command calls it."""
        return f"hf://datasets/{self.repo}@{self.revision}"

    def pin(self, commit: str | None) -> "HubSource":
        """Return it at a commit; None asks the Hub for the one of the revision.

        Raises:
            BatchError: the Hub does not tell.
        """
        if commit is None:
            from huggingface_hub import HfApi

            with self._explained():
                commit = HfApi().dataset_info(self.repo, revision=self.revision).sha
        return replace(self, commit=commit)

    def list_files(self) -> list[str]:
        """Return the paths in the repo, sorted.

        Raises:
            BatchError: the Hub does not tell.
        """
        from huggingface_hub import HfApi

        with self._explained():
            paths = HfApi().list_repo_files(self.repo, repo_type="dataset", revision=self.commit)
        return sorted(filter(may_hold_pictures, paths))

    def open(self, path: str) -> Any:
        """Return the file as one of which only what is read is fetched."""
        from huggingface_hub import HfFileSystem

        with self._explained():
            return HfFileSystem().open(f"datasets/{self.repo}/{path}", revision=self.commit)

    def fetch(self, paths: Iterable[str]) -> dict[str, Path]:
        """Return where each file is in the client's cache, which is filled with what it lacks.

        Raises:
            BatchError: the Hub does not give one.
        """
        from huggingface_hub import hf_hub_download
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()  # the batch has one of its own
        paths = list(paths)

        def fetch(path: str) -> Path:
            return Path(hf_hub_download(self.repo, path, repo_type="dataset", revision=self.commit))

        with self._explained(), ThreadPoolExecutor(_FETCHED_AT_ONCE) as pool:
            return dict(zip(paths, pool.map(fetch, paths), strict=True))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the client raises into one sentence."""
        from httpx2 import HTTPError
        from huggingface_hub import errors

        try:
            yield
        except errors.GatedRepoError as error:
            raise BatchError(f"{self.repo} is gated, and HF_TOKEN gives no access to it.") from error
        except errors.RepositoryNotFoundError as error:
            raise BatchError(
                f"There is no file or folder {self.repo} here, and no data set {self.repo} on the Hub that "
                "HF_TOKEN may read."
            ) from error
        except errors.RevisionNotFoundError as error:
            raise BatchError(f"{self.repo} has no revision {self.revision}.") from error
        except errors.HFValidationError as error:
            raise BatchError(f"{self.repo} is no name that the Hub can have.") from error
        except errors.OfflineModeIsEnabled as error:
            raise BatchError("HF_HUB_OFFLINE is set, so the Hub is not asked.") from error
        except errors.HfHubHTTPError as error:
            raise BatchError(
                f"The Hub answers with an error, status {error.response.status_code}."
            ) from error
        except (HTTPError, OSError) as error:
            raise BatchError("The Hub cannot be reached, or broke off.") from error
