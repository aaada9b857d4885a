"""Uploads the corrections of a spool to a data set on the Hub, and deletes there what its giver has deleted.

Uploading the same correction twice changes nothing, so a spool that was uploaded but not yet emptied when the
process was killed is simply uploaded again.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from app.corrections.giving import Corrections
from app.corrections.spool import Spool, is_replaced
from app.model.hub import HubError, HubModel
from app.model.loading import as_sentence, run_within

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_MAX_PER_COMMIT = 100
_GATHER_SECONDS = 5.0  # from a correction to its upload, with those that follow
_POLL_SECONDS = 60.0  # for corrections that another process stored
_MAX_WAIT_SECONDS = 1800.0  # between attempts while the Hub fails
_TIMEOUT_SECONDS = 600.0  # for one upload
_CARD_FILE = "README.md"
_MAIN = "main"

OnEvent = Callable[[str, int], None]

_log = logging.getLogger(__name__)


async def upload_corrections(corrections: Corrections, data_set: HubModel, *, on_event: OnEvent) -> None:
    """Upload corrections as they come, until the task is cancelled.

    Args:
        corrections: with the spool.
        data_set: its repo and branch; the repo is created as a private one if it is missing.
        on_event: gets "uploaded" or "upload_failed", and a number.
    """
    wait, reason = 0.0, ""
    while True:
        corrections.changed.clear()
        try:
            done = await run_within(_TIMEOUT_SECONDS, partial(upload, corrections.spool, data_set))
        except (HubError, TimeoutError, OSError) as error:
            wait = min(2 * wait + _GATHER_SECONDS, _MAX_WAIT_SECONDS)
            on_event("upload_failed", 1)
            message = as_sentence(error) or "The Hub did not respond in time."
            if message != reason:
                _log.warning("Corrections wait to be uploaded to %s: %s", data_set, message)
            reason = message
        except Exception:  # a defect must not end the uploads
            wait = _MAX_WAIT_SECONDS
            _log.exception("The upload of corrections to %s failed", data_set)
        else:
            if done:
                on_event("uploaded", done)
                _log.info("%d corrections uploaded to %s.", done, data_set)
            wait, reason = 0.0, ""
        if wait:
            await asyncio.sleep(wait)
            continue
        if not done:
            try:
                async with asyncio.timeout(_POLL_SECONDS):
                    await corrections.changed.wait()
            except TimeoutError:
                continue
        await asyncio.sleep(_GATHER_SECONDS)


def upload(spool: Spool, data_set: HubModel) -> int:
    """Upload once, unless another process does; return the number of corrections.

    Raises:
        HubError: the Hub does not take them; they stay in the spool.
        OSError: the disk fails.
    """
    import httpx2
    from huggingface_hub import HfApi, get_session
    from huggingface_hub.utils.tqdm import disable_progress_bars

    waiting = list(spool.waiting())[:_MAX_PER_COMMIT]
    if not waiting and not spool.deleted_writers():
        return 0
    disable_progress_bars()
    get_session().timeout = httpx2.Timeout(60.0, connect=10.0)  # seconds; the Hub's client has none
    try:
        with FileLock(spool.folder / ".lock", timeout=0), data_set.explained("data set"):
            api = HfApi()
            _prepare(api, data_set)
            _delete(api, data_set, spool)
            # Listed again: a giver may have deleted some since.
            waiting = [each for each in waiting if each.exists()]
            _add(api, data_set, waiting)
            for correction in waiting:
                spool.remove(correction)
    except Timeout:
        return 0
    return len(waiting)


def _prepare(api: "HfApi", data_set: HubModel) -> None:
    """Create the repo and the branch that are missing."""
    if not api.repo_exists(data_set.repo, repo_type="dataset"):
        api.create_repo(data_set.repo, repo_type="dataset", private=True, exist_ok=True)
    is_branch = data_set.revision != _MAIN and not data_set.revision.startswith("refs/")
    if is_branch and not api.revision_exists(data_set.repo, data_set.revision, repo_type="dataset"):
        api.create_branch(data_set.repo, branch=data_set.revision, repo_type="dataset", exist_ok=True)


def _delete(api: "HfApi", data_set: HubModel, spool: Spool) -> None:
    from huggingface_hub import CommitOperationDelete

    writers = set(spool.deleted_writers())
    if not writers:
        return
    found = _list_files(api, data_set)
    gone = [path for path in found if len(parts := path.split("/")) > 2 and parts[1] in writers]
    if gone:
        api.create_commit(
            data_set.repo,
            [CommitOperationDelete(path) for path in gone],
            commit_message="Delete corrections that were taken back",
            repo_type="dataset",
            revision=data_set.revision,
        )
    for writer in writers:
        spool.forget_deletion(writer)


def _add(api: "HfApi", data_set: HubModel, waiting: list[Path]) -> None:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    if not waiting:
        return
    files = {
        file.relative_to(each.parents[2]).as_posix(): file.read_bytes()
        for each in waiting
        for file in sorted(each.iterdir())
    }
    there = _list_files(api, data_set)
    replaced = [path for path in there if any(_replaces(each, path) for each in waiting)]
    if _CARD_FILE not in there:
        files[_CARD_FILE] = Path(__file__).with_name("data_card.md").read_bytes()
    api.create_commit(
        data_set.repo,
        [
            *(CommitOperationAdd(path, content) for path, content in files.items()),
            *(CommitOperationDelete(path) for path in replaced),
        ],
        commit_message=f"Add {len(waiting)} corrections",
        repo_type="dataset",
        revision=data_set.revision,
    )


def _replaces(correction: Path, path: str) -> bool:
    """Return whether a file of the data set belongs to a correction that a later one replaces."""
    _, writer, name, *_ = (*path.split("/"), "", "")
    return writer == correction.parent.name and is_replaced(name, by=correction.name)


def _list_files(api: "HfApi", data_set: HubModel) -> list[str]:
    return api.list_repo_files(data_set.repo, repo_type="dataset", revision=data_set.revision)
