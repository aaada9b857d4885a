"""Replace the served model when the Hub has a newer commit of it, or its folder another release."""

import asyncio
import logging
from functools import partial

from app.model.folder import FolderError, FolderModel
from app.model.hub import HubError, HubModel
from app.model.loading import CurrentModel, as_sentence, load_commit, run_within
from app.model.release import ReleaseError
from app.recognition.readers.digit_reader import ReaderError

_TIMEOUT_SECONDS = 60.0  # for one request to the Hub; requests of clients do not wait for it

_log = logging.getLogger(__name__)


async def refresh_model(current: CurrentModel, model: HubModel | FolderModel, *, seconds: float) -> None:
    """Check for a newer commit every `seconds`, until the task is cancelled.

    A request keeps the model that was current when it arrived. A commit that cannot be used is refused and
    counted once. Other errors, such as one of the Hub or a folder without a complete release, are logged,
    and the next check tries again.
    """
    refused = ""
    while True:
        await asyncio.sleep(seconds)
        try:
            commit = await run_within(_TIMEOUT_SECONDS, model.find_commit)
            served = current.loaded.origin if current.loaded else None
            if commit == refused or (served and served.commit == commit and served.reason is None):
                continue
            current.loaded = await run_within(_TIMEOUT_SECONDS, partial(load_commit, model, commit))
        except (HubError, FolderError, TimeoutError) as error:
            reason = as_sentence(error) or "It did not respond in time."
            _log.warning("Cannot check for a newer commit of %s: %s", model, reason)
        except (ReleaseError, ReaderError) as error:
            refused = commit
            current.refused_updates += 1
            _log.error("Commit %s of %s is refused: %s", commit, model, as_sentence(error))
        except Exception:  # a defect must not end the refresh
            _log.exception("The check for a newer commit of %s failed", model)
        else:
            current.swaps += 1
            _log.warning("Commit %s of %s is now served.", commit, model)
