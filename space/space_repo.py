"""A Space on the Hub: its files and variables, and whether it runs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from space.errors import DeployError, explain_hub_errors
from space.folder import MANIFEST_FILE, read_manifest

_NOTICE_SECONDS = 30  # until the Hub starts to build; before, it reports the previous state
_BUILD_SECONDS = 30 * 60  # the Hub's own limit for the start of a Space
_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class SpaceState:
    """A Space at the current commit of its main branch."""

    commit: str  # full sha1
    private: bool
    files: Mapping[str, str]  # content id by path: sha256 of a file in LFS, git's blob sha1 of others
    written: Mapping[str, tuple[str, ...]]  # content ids by path, from the deployment.json in the Space
    initial: Mapping[str, str]  # the Hub's own files of the first commit, as in `files`
    variables: Mapping[str, str]  # value by name


def read_space(api: HfApi, repo: str) -> SpaceState | None:
    """Return the current state of a Space; None if it does not exist."""
    try:
        info = api.space_info(repo)
    except RepositoryNotFoundError:
        return None
    commit = str(info.sha)
    files = _list_files(api, repo, commit=commit)
    written: Mapping[str, tuple[str, ...]] = {}
    if MANIFEST_FILE in files:
        manifest = api.hf_hub_download(repo, MANIFEST_FILE, repo_type="space", revision=commit)
        written = read_manifest(Path(manifest))
    first = api.list_repo_commits(repo, repo_type="space")[-1].commit_id
    return SpaceState(
        commit=commit,
        private=bool(info.private),
        files=files,
        written=written,
        initial=_list_files(api, repo, commit=first),
        variables={name: held.value or "" for name, held in api.get_space_variables(repo).items()},
    )


def _list_files(api: HfApi, repo: str, *, commit: str) -> dict[str, str]:
    tree = api.list_repo_tree(repo, recursive=True, revision=commit, repo_type="space")
    files = (entry for entry in tree if isinstance(entry, RepoFile))
    return {file.path: file.lfs.sha256 if file.lfs else file.blob_id for file in files}


def read_runtime(api: HfApi, repo: str) -> tuple[str, str]:
    """Return the stage of a Space, such as RUNNING, and the commit that it runs."""
    runtime = api.get_space_runtime(repo)
    return runtime.stage, str(runtime.raw.get("sha"))


def wait_until_running(api: HfApi, repo: str, *, before: tuple[str, str]) -> str:
    """Wait until a Space runs whose runtime was `before`, and return a line about it.

    Raises:
        DeployError: it does not run, or its state is not known.
    """
    start = time.monotonic()
    link = f"{api.endpoint}/spaces/{repo}"
    try:
        with explain_hub_errors(f"the Space {repo}"):
            while read_runtime(api, repo) == before and time.monotonic() < start + _NOTICE_SECONDS:
                time.sleep(_POLL_SECONDS)
            runtime = api.wait_for_space(repo, timeout=_BUILD_SECONDS, poll_interval=_POLL_SECONDS)
    except (TimeoutError, DeployError) as error:
        message = f"the Space is deployed, but it is not known whether it runs ({error}); see {link}"
        raise DeployError(message) from error
    if runtime.stage in ("PAUSED", "STOPPED", "SLEEPING"):
        return f"deployed, but {runtime.stage.lower()}; start it on its page"
    if runtime.stage != "RUNNING":
        cause = " ".join([runtime.stage, *str(runtime.raw.get("errorMessage", "")).split()])
        log = "build" if runtime.stage == "BUILD_ERROR" else "container"
        raise DeployError(f"the Space is deployed, but does not run ({cause}); see {link}?logs={log}")
    return f"running after {time.monotonic() - start:.0f} seconds"
