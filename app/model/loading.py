"""Load the model that the settings name: from the Hub, the last known good commit, or the bundled release."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.model.folder import FolderError, FolderModel
from app.model.hub import HubModel, recall_commit, remember_commit
from app.model.line_release import LineSelfTest
from app.model.release import (
    LINE_READER_FILE,
    READER_FILE,
    DamagedFileError,
    MissingFileError,
    Origin,
    Release,
    ReleaseError,
    SelfTest,
    open_release,
    verify_hash,
)
from app.recognition.readers.digit_reader import DigitReader, ReaderError
from app.recognition.readers.line_reader import LineReader
from app.recognition.recognizer import Recognizer
from app.settings import Settings

_START_SECONDS = 10.0  # for all requests to the Hub at the start

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class ModelRequiredError(Exception):
    """The model that the settings require is not available; the message is the reason, one sentence."""


@dataclass(frozen=True)
class LoadedModel:
    """A verified release, its digit reader, the recogniser that uses both readers, and its origin."""

    release: Release
    reader: DigitReader
    recognizer: Recognizer
    origin: Origin


@dataclass
class CurrentModel:
    """The model that is served now.

    Attributes:
        loaded: the model; None while the server starts and after it has stopped.
        swaps: number of newer commits that have replaced a served model.
        refused_updates: number of newer commits that could not be used.
    """

    loaded: LoadedModel | None = None
    swaps: int = 0
    refused_updates: int = 0


async def load_model(settings: Settings, *, bundled: Path) -> LoadedModel:
    """Load the model that the settings name, or its substitute.

    Raises:
        ModelRequiredError: the folder in the settings holds no usable release, or only the bundled release is
            left and the settings do not allow it.
        ReleaseError: the bundled release cannot be used.
        ReaderError: its reader does not work on this machine.
    """
    model = find_model(settings)
    if model is None:
        return _load_folder(bundled, Origin())
    if isinstance(model, FolderModel):
        try:
            return load_commit(model, model.find_commit())
        except (ReleaseError, ReaderError) as error:
            raise ModelRequiredError(f"DIGITS_MODEL_DIR cannot be served. {as_sentence(error)}") from error
    try:
        return await run_within(_START_SECONDS, lambda: load_commit(model, model.find_commit()))
    except TimeoutError:
        reason = f"The Hub did not deliver {model} within {_START_SECONDS:.0f} seconds."
    except (ReleaseError, ReaderError) as error:
        reason = as_sentence(error)
    return _fall_back(model, reason, bundled=bundled, required=settings.model_required)


def find_model(settings: Settings) -> HubModel | FolderModel | None:
    """Return the model that the settings name; None for the bundled release."""
    if settings.model_dir is not None:
        return FolderModel(settings.model_dir)
    return HubModel(settings.model_repo, settings.model_revision) if settings.model_repo else None


def load_commit(model: HubModel | FolderModel, commit: str) -> LoadedModel:
    """Load the release at a full commit, fetch what the cache lacks, and remember the commit as good.

    Raises:
        ReleaseError: the release is not available or damaged.
        ReaderError: its reader does not work on this machine.
    """
    if isinstance(model, FolderModel):
        try:
            return _load_folder(model.folder, Origin("folder", commit=commit))
        except (DamagedFileError, MissingFileError) as error:  # it may be complete at the next check
            reason = as_sentence(error)
            raise FolderError(f"The release in {model.folder} is not complete. {reason}") from error
    try:
        loaded = _load_folder(model.fetch(commit), _origin(model, commit))
    except (DamagedFileError, MissingFileError):  # the cache may be damaged, not the release
        loaded = _load_folder(model.fetch(commit, again=True), _origin(model, commit))
    remember_commit(model, commit)
    return loaded


def load_release(release: Release, origin: Origin) -> LoadedModel:
    """Load a release whose files have been read, also by another process.

    Raises:
        DamagedFileError: a reader's bytes do not have the hash of the release.
        ReaderError: a reader does not work on this machine.
    """
    line = release.line
    verify_hash(release.reader, release.reader_sha256, name=READER_FILE)
    verify_hash(line.reader, line.sha256, name=LINE_READER_FILE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    check_reader(reader, release.self_test)
    line_reader = LineReader(line.reader, classes=line.classes)
    check_line_reader(line_reader, line.self_test)
    recognizer = Recognizer(
        reader,
        line_reader,
        labels=release.labels,
        acceptance_threshold=release.acceptance_threshold,
        opinions=line.opinions,
    )
    return LoadedModel(release, reader, recognizer, origin)


def check_reader(reader: DigitReader, self_test: SelfTest) -> None:
    """Run the release's self-test of the digit reader.

    Raises:
        ReaderError: a result differs by more than the release allows.
    """
    for number, case in enumerate(self_test.cases):
        prediction = reader.read(case.drawing)
        actual = np.append(prediction.probabilities, prediction.digit_score)
        expected = np.append(case.probabilities, case.digit_score)
        _compare("the reader", number, actual, expected, tolerance=self_test.tolerance)


def check_line_reader(reader: LineReader, self_test: LineSelfTest) -> None:
    """Run the release's self-test of the line reader.

    Raises:
        ReaderError: a result differs by more than the release allows.
    """
    for number, case in enumerate(self_test.cases):
        actual = reader.read(case.line).probabilities[case.columns]
        _compare("the line reader", number, actual, case.probabilities, tolerance=self_test.tolerance)


def _compare(
    reader: str,
    number: int,
    actual: NDArray[np.floating[Any]],
    expected: NDArray[np.float64],
    *,
    tolerance: float,
) -> None:
    if actual.shape != expected.shape:
        raise ReaderError(f"{reader} fails its self-test: its results have another shape")
    difference = float(np.abs(actual - expected).max())
    if not difference <= tolerance:  # also true of NaN
        raise ReaderError(
            f"{reader} fails its self-test: case {number} differs by {difference:.2g}, "
            f"more than {tolerance:g}"
        )


def as_sentence(message: object) -> str:
    """Add a full stop, and a capital unless the message begins with a name as "pixels.0:" or "user/name"."""
    text = str(message).rstrip(".")
    first, _, _ = text.partition(" ")
    is_name = first.endswith(":") or "/" in first
    return f"{text if is_name else text[:1].upper() + text[1:]}." if text else ""


async def run_within(seconds: float, work: Callable[[], Result]) -> Result:
    """Run `work` in a daemon thread, and abandon it at the timeout: the Hub's client cannot be cancelled.

    Raises:
        TimeoutError: it took longer than `seconds`.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    future.set_running_or_notify_cancel()  # the timeout can no longer cancel it, so both setters succeed
    Thread(target=run, daemon=True).start()
    async with asyncio.timeout(seconds):  # wait_for of Python 3.11 ignores a cancellation as the work ends
        return await asyncio.wrap_future(future)


def _fall_back(model: HubModel, reason: str, *, bundled: Path, required: bool) -> LoadedModel:
    """Load the last known good commit, or one cached by `hf download`, or the bundled release."""
    for revision in filter(None, (recall_commit(model), model.revision)):
        folder = model.find_cached(revision)
        if folder is None:
            continue
        commit = folder.name
        try:
            loaded = _load_folder(folder, _origin(model, commit, reason=reason))
        except (ReleaseError, ReaderError) as error:
            _log.warning("The commit %s of %s in the cache is damaged: %s", commit, model, error)
        else:
            _log.warning("%s Serving the commit %s from the cache.", reason, commit)
            return loaded
    if required:
        raise ModelRequiredError(f"{reason} DIGITS_MODEL_REQUIRED is set, so there is no substitute.")
    _log.warning("%s Serving the bundled release.", reason)
    return _load_folder(bundled, Origin(reason=reason))


def _load_folder(folder: Path, origin: Origin) -> LoadedModel:
    return load_release(open_release(folder), origin)


def _origin(model: HubModel, commit: str, *, reason: str | None = None) -> Origin:
    return Origin("hub", model.repo, commit, url=model.link_to(commit), reason=reason)
