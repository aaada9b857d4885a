"""The command `python -m app batch`: has what is left of a batch read, and says what came of it."""

import argparse
import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from app.batch.arguments import count_cores
from app.batch.batch import Batch, take_up
from app.batch.errors import BatchError
from app.batch.on_ray import read_on_ray
from app.batch.output import Output
from app.batch.part_reader import Job
from app.batch.processes import read_in_processes
from app.batch.progress import follow
from app.batch.rows import describe_model
from app.batch.source import find_source
from app.model.loading import load_model
from app.model.release import BUNDLED_RELEASE
from app.settings import Settings

_GOES_ON = "The same command goes on where it was."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Stopped(KeyboardInterrupt):
    """Someone wants the command to stop. As with Ctrl-C, no library takes it for a fault of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True)
class Outcome:
    """What the command says at its end, and its exit code."""

    message: str
    exit_code: int = 0


def run(options: argparse.Namespace, settings: Settings) -> Outcome:
    """Read what is left of the batch that the arguments name.

    Raises:
        BatchError: it cannot begin or go on.
        ModelRequiredError: the model that the settings require cannot be had.
        ReleaseError: the bundled release cannot be used.
        ReaderError: its reader does not work here.
    """
    try:
        with _stoppable():
            return _run(options, settings)
    except _Stopped as stop:
        return Outcome(f"Stopped. {_GOES_ON}", 128 + stop.number)


def _run(options: argparse.Namespace, settings: Settings) -> Outcome:
    output = Output(options.output.absolute())
    source = find_source(options.input, output=output.folder)
    opened = asyncio.run(load_model(settings, bundled=BUNDLED_RELEASE))
    terms = {
        "input": source.name,
        "expect": options.expect,
        "column": options.column,
        "model": describe_model(opened.origin, opened.release.reader_sha256),
        "max_bytes": settings.max_body_bytes,
        "max_pixels": settings.max_pixels,
    }
    with output.locked():
        batch = take_up(output, source, terms=terms, part_size=options.part_size)
        job = Job(
            output,
            batch.source,
            column=options.column,
            expect=options.expect,
            release=opened.release,
            origin=opened.origin,
            max_bytes=settings.max_body_bytes,
            max_pixels=settings.max_pixels,
        )
        return _read(batch, job, workers=options.workers, ray=options.ray)


def _read(batch: Batch, job: Job, *, workers: int | None, ray: str | None) -> Outcome:
    began, total = time.monotonic(), batch.pictures
    if batch.left:
        if ray is None:
            found = read_in_processes(job, batch.left, workers=workers or count_cores())
        else:
            found = read_on_ray(job, batch.left, workers=workers, address=ray)
        try:
            follow(found, total=total, done=total - batch.pictures_left)
        except BatchError as error:
            raise BatchError(f"{error} {_GOES_ON}") from error
    counts = job.output.count(range(batch.listing.parts))
    rate = batch.pictures_left / (time.monotonic() - began)
    return Outcome(
        f"{total:,} pictures in {job.output.folder}: {counts.read:,} read, {counts.not_digits:,} without a "
        f"digit, {counts.failed:,} failed. "
        + (f"{rate:,.0f} a second." if batch.left else "Nothing was left to read.")
    )


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn the first order to stop into an exception; one that comes again changes nothing."""

    def stop(number: int, _: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise _Stopped(number)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
