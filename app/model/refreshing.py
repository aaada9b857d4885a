"""Looks for a newer commit of the model now and then, and puts it in place of the one that is served."""

import asyncio
import dataclasses
import logging
from functools import partial

from fastapi import FastAPI

from app.api.loaded import Loaded
from app.model.hub import HubError, HubModel
from app.model.loading import explain, open_commit, run_within
from app.model.release import ReleaseError
from app.recognition.readers.digit_reader import ReaderError

_PATIENCE_SECONDS = 60.0  # for one look; the requests do not wait for it

_log = logging.getLogger(__name__)


async def keep_fresh(app: FastAPI, model: HubModel, *, seconds: float) -> None:
    """Look every `seconds`, for ever; cancel the task to stop it.

    A request holds the model that was served when it came, so none is answered by two. A commit that cannot
    be used is refused and counted once, and the model goes on.
    """
    refused = ""
    while True:
        await asyncio.sleep(seconds)
        try:
            commit = await run_within(_PATIENCE_SECONDS, model.find_commit)
        except (ReleaseError, TimeoutError) as error:
            _log.warning("No look at the model is possible now: %s", explain(error))
            continue
        loaded: Loaded = app.state.loaded
        if commit == refused or (commit == loaded.origin.commit and loaded.origin.reason is None):
            continue
        try:
            opened = await run_within(_PATIENCE_SECONDS, partial(open_commit, model, commit))
        except (HubError, TimeoutError) as error:  # the Hub's fault, not the release's: tried again
            _log.warning("Commit %s cannot be fetched now: %s", commit, explain(error))
            continue
        except (ReleaseError, ReaderError) as error:
            refused = commit
            app.state.loaded = dataclasses.replace(loaded, refused_updates=loaded.refused_updates + 1)
            _log.error("Commit %s of %s is refused: %s", commit, model.repo, explain(error))
            continue
        app.state.loaded = dataclasses.replace(
            loaded,
            release=opened.release,
            recognizer=opened.recognizer,
            origin=opened.origin,
            swaps=loaded.swaps + 1,
        )
        _log.warning("Commit %s of %s is served from now on.", commit, model.repo)
