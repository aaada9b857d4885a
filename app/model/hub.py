"""Fetches a release from the Hugging Face Hub into the client's cache: two files, nothing else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.model.release import DESCRIPTION_FILE, READER_FILE, ReleaseError

_FULL_COMMIT = re.compile(r"[0-9a-f]{40}")
_MOST_BYTES = 64 * 2**20  # of one file; a reader has half a megabyte


class HubError(ReleaseError):
    """The Hub does not give the release; the message says why, in one sentence."""


@dataclass(frozen=True)
class HubModel:
    """A release on the Hub: `repo`, "user/name", at a `revision`, which is a branch, tag or commit."""

    repo: str
    revision: str

    def find_commit(self) -> str:
        """Return the full commit that the revision stands for now.

        Raises:
            HubError: the Hub does not tell.
        """
        if _FULL_COMMIT.fullmatch(self.revision):
            return self.revision
        from huggingface_hub import HfApi  # here and below: half a second, and only needed with a repo

        with self.explained():
            commit = HfApi().model_info(self.repo, revision=self.revision).sha
        if commit is None or not _FULL_COMMIT.fullmatch(commit):
            raise HubError(f"The Hub names no commit for {self}.")
        return commit

    def fetch(self, commit: str, *, again: bool = False) -> Path:
        """Return a folder with the release at `commit`; what the cache holds is not fetched.

        Args:
            commit: a full commit.
            again: fetch the files even so, since the cache's are damaged.

        Raises:
            HubError: the Hub does not give them.
        """
        from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()  # a server's log has no use for them
        missing = again or self.find_cached(commit) is None
        with self.explained():
            for name in (DESCRIPTION_FILE, READER_FILE):
                if missing:
                    size = get_hf_file_metadata(hf_hub_url(self.repo, name, revision=commit)).size
                    if size is not None and size > _MOST_BYTES:
                        raise HubError(f"{name} of {self} has {size:,} bytes, more than {_MOST_BYTES:,}.")
                path = hf_hub_download(self.repo, name, revision=commit, force_download=again)
        return Path(path).parent

    def find_cached(self, commit: str) -> Path | None:
        """Return the folder with the release at `commit` if the cache holds all of it."""
        from huggingface_hub import try_to_load_from_cache

        names = (DESCRIPTION_FILE, READER_FILE)
        paths = [try_to_load_from_cache(self.repo, name, revision=commit) for name in names]
        return Path(paths[0]).parent if all(isinstance(path, str) for path in paths) else None  # type: ignore[arg-type]

    def link_to(self, commit: str) -> str:
        """Return the address at which people can look at a commit."""
        from huggingface_hub.constants import ENDPOINT

        return f"{ENDPOINT}/{self.repo}/tree/{commit}"

    def __str__(self) -> str:
        """Return what a message calls it."""
        return f"{self.repo} at {self.revision}"

    @contextmanager
    def explained(self, kind: str = "model") -> Iterator[None]:
        """Turn what the client raises into one sentence, in which the repo is called a `kind`."""
        from httpx2 import HTTPError
        from huggingface_hub import errors

        try:
            yield
        except errors.OfflineModeIsEnabled as error:
            raise HubError("HF_HUB_OFFLINE is set, so the Hub is not asked.") from error
        except errors.GatedRepoError as error:
            raise HubError(f"{self.repo} is gated, and HF_TOKEN gives no access to it.") from error
        except errors.RepositoryNotFoundError as error:
            raise HubError(f"There is no {kind} {self.repo} on the Hub that HF_TOKEN may read.") from error
        except errors.RevisionNotFoundError as error:
            raise HubError(f"{self.repo} has no revision {self.revision}.") from error
        except errors.RemoteEntryNotFoundError as error:
            raise HubError(f"{self} is no release: it lacks a file.") from error
        except errors.HfHubHTTPError as error:
            status = error.response.status_code
            if status == 401:
                raise HubError("The Hub refuses the token in HF_TOKEN.") from error
            raise HubError(f"The Hub answers with an error, status {status}.") from error
        except errors.HFValidationError as error:
            raise HubError(f"{self} is no name that the Hub can have.") from error
        except (errors.LocalEntryNotFoundError, HTTPError, OSError) as error:
            raise HubError("The Hub cannot be reached, or broke off.") from error
