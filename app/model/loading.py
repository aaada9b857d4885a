"""From the settings to the model that is served: that on the Hub, the last good one, or the bundled one."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar

from app.model.hub import HubError, HubModel
from app.model.last_known_good import recall, remember
from app.model.origin import Origin
from app.model.release import (
    DamagedFileError,
    MissingFileError,
    Release,
    ReleaseError,
    open_release,
    verify_hash,
)
from app.model.self_test import check_reader
from app.recognition.readers.digit_reader import Reader, ReaderError
from app.recognition.recognizer import Recognizer
from app.settings import Settings

_START_SECONDS = 10.0  # for all that the Hub is asked at the start

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class ModelRequiredError(Exception):
    """The model that the settings require cannot be had; the message says why, in one sentence."""


@dataclass(frozen=True)
class Opened:
    """A release that was verified, its reader, which answered the self-test, and where it comes from."""

    release: Release
    reader: Reader
    recognizer: Recognizer
    origin: Origin


async def open_model(settings: Settings, *, bundled: Path) -> Opened:
    """Open the model that the settings name, or what can be served in its place.

    Raises:
        ModelRequiredError: only the bundled release is left, and the settings do not allow it.
        ReleaseError: the bundled release cannot be used.
        ReaderError: its reader does not work here.
    """
    if settings.model_repo is None:
        return _open_folder(bundled, Origin())
    model = HubModel(settings.model_repo, settings.model_revision)
    try:
        return await run_within(_START_SECONDS, lambda: open_commit(model, model.find_commit()))
    except TimeoutError:
        reason = f"The Hub did not give {model} within {_START_SECONDS:.0f} seconds."
    except (ReleaseError, ReaderError) as error:
        reason = explain(error)
    return _fall_back(model, reason, bundled=bundled, required=settings.model_required)


def open_commit(model: HubModel, commit: str) -> Opened:
    """Open the release at a full commit, fetching what the cache does not hold, and note that it is good.

    Raises:
        ReleaseError: it cannot be had, or it is not whole.
        ReaderError: its reader does not work here.
    """
    try:
        opened = _open_folder(model.fetch(commit), _name(model, commit))
    except (DamagedFileError, MissingFileError):  # the cache may be what is damaged
        opened = _open_folder(model.fetch(commit, again=True), _name(model, commit))
    remember(model, commit)
    return opened


def open_copy(release: Release, origin: Origin) -> Opened:
    """Open a release that another process has opened and handed over.

    Raises:
        DamagedFileError: it is no longer what it was.
        ReaderError: its reader does not work here.
    """
    verify_hash(release.reader, release.reader_sha256)
    reader = Reader(release.reader, drawing_size=release.drawing_size)
    check_reader(reader, release.self_test)
    recognizer = Recognizer(reader, acceptance_threshold=release.acceptance_threshold)
    return Opened(release, reader, recognizer, origin)


def explain(error: Exception) -> str:
    """Return a sentence for an answer or a log."""
    text = str(error)
    return text if isinstance(error, HubError) else f"{text[:1].upper()}{text[1:].rstrip('.')}."


async def run_within(seconds: float, work: Callable[[], Result]) -> Result:
    """Run `work` in a thread that is left behind when the time is up: the Hub's client cannot be stopped.

    Raises:
        TimeoutError: it took longer than `seconds`.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = loop.create_future()

    def settle(set_answer: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if answer.done() else set_answer())

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # goes on where it is waited for
            failure = error
            settle(lambda: answer.set_exception(failure))
        else:
            settle(lambda: answer.set_result(result))

    Thread(target=run, daemon=True).start()
    return await asyncio.wait_for(answer, seconds)


def _fall_back(model: HubModel, reason: str, *, bundled: Path, required: bool) -> Opened:
    """Open the last good release of the cache, else the bundled one."""
    commit = recall(model)
    folder = model.find_cached(commit) if commit else None
    if commit and folder:
        try:
            opened = _open_folder(folder, _name(model, commit, reason=reason))
        except (ReleaseError, ReaderError) as error:
            _log.warning("The last good release of %s is damaged: %s", model, error)
        else:
            _log.warning("%s The last good release is served: commit %s.", reason, commit)
            return opened
    if required:
        raise ModelRequiredError(f"{reason} DIGITS_MODEL_REQUIRED is set, so nothing is served instead.")
    _log.warning("%s The bundled release is served.", reason)
    return _open_folder(bundled, Origin(reason=reason))


def _open_folder(folder: Path, origin: Origin) -> Opened:
    return open_copy(open_release(folder), origin)


def _name(model: HubModel, commit: str, *, reason: str | None = None) -> Origin:
    return Origin("hub", model.repo, commit, url=model.link_to(commit), reason=reason)
