"""Waits until the Hub runs what was deployed."""

import time
from collections.abc import Callable

from huggingface_hub import HfApi

from space.errors import DeployError, hub_errors_explained

_NOTICE_SECONDS = 30  # for the Hub to start building; until then it tells of what ran before
_BUILD_SECONDS = 30 * 60  # the Hub's own patience with a Space that starts
_POLL_SECONDS = 1.0

Runs = tuple[str, str]  # the stage, and the commit that it is of


def what_runs(api: HfApi, repo: str) -> Runs:
    """Return what the Hub runs of a Space now."""
    runtime = api.get_space_runtime(repo)
    return runtime.stage, str(runtime.raw.get("sha"))


def wait_until_running(api: HfApi, repo: str, *, before: Runs, say: Callable[[str], None]) -> None:
    """Wait until the Space runs.

    Args:
        api: the Hub's client.
        repo: the Space, `user/name`.
        before: what ran before the change.
        say: told of the end.

    Raises:
        DeployError: it does not run, or it is not known whether it does.
    """
    start = time.monotonic()
    link = f"{api.endpoint}/spaces/{repo}"
    try:
        with hub_errors_explained(f"the Space {repo}"):
            while what_runs(api, repo) == before and time.monotonic() < start + _NOTICE_SECONDS:
                time.sleep(_POLL_SECONDS)
            runtime = api.wait_for_space(repo, timeout=_BUILD_SECONDS, poll_interval=_POLL_SECONDS)
    except TimeoutError as error:
        raise DeployError(
            f"the Space is deployed, but not running after {_BUILD_SECONDS // 60} minutes; look at {link}"
        ) from error
    except DeployError as error:
        raise DeployError(f"the Space is deployed, but whether it runs is not known: {error}") from error
    if runtime.stage == "RUNNING":
        say(f"running after {time.monotonic() - start:.0f} seconds")
    elif runtime.stage in ("PAUSED", "STOPPED", "SLEEPING"):
        say(f"deployed, but {runtime.stage.lower()}: start it on its page")
    else:
        said = " ".join(str(runtime.raw.get("errorMessage", "")).split())
        log = "build" if runtime.stage == "BUILD_ERROR" else "container"
        raise DeployError(
            f"the Space is deployed, but does not run ({runtime.stage}{': ' if said else ''}{said}); "
            f"its log is at {link}?logs={log}"
        )
