"""The command `python -m app batch`: reads the pictures that are left and returns a summary."""

import argparse
import asyncio
import signal
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from types import FrameType

from tqdm import tqdm

from app.batch import BatchError
from app.batch.on_ray import open_ray_pool
from app.batch.output import Output
from app.batch.plan import Plan, make_plan
from app.batch.pool import Pool, open_pool
from app.batch.rows import count_rows
from app.batch.sources import find_source
from app.batch.worker import Job
from app.model.loading import load_model
from app.model.release import BUNDLED_RELEASE
from app.settings import Settings

_RESUME = "Run the same command to resume."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Outcome:
    """Last message and exit code of the command."""

    message: str
    exit_code: int = 0


def run(options: argparse.Namespace, settings: Settings) -> Outcome:
    """Read the pictures that are left. From now on the process ignores all but the first signal to stop.

    Raises:
        BatchError: the batch cannot start or continue.
        ModelRequiredError: the model that the settings require is not available.
        ReleaseError: the bundled release cannot be used, or the Hub does not send the data set.
        ReaderError: the reader does not work on this machine.
    """
    try:
        for number in _SIGNALS:
            signal.signal(number, _stop)
        return _run(options, settings)
    except KeyboardInterrupt as stop:
        return Outcome(f"Stopped. {_RESUME}", 128 + stop.args[0])


def describe_terms(job: Job) -> dict[str, str | int]:
    """Return the values that the rows depend on, by their names in messages."""
    origin = job.origin
    model = f"{origin.repo or origin.source} at {origin.commit}" if origin.commit else origin.source
    return {
        "input": job.source.name,
        "--expect": job.expect,
        "--column": job.column or "by default",
        "model": f"{model} (sha256 {job.release.reader_sha256[:12]})",
        "DIGITS_MAX_BODY_BYTES": job.max_bytes,
        "DIGITS_MAX_PIXELS": job.max_pixels,
    }


def _run(options: argparse.Namespace, settings: Settings) -> Outcome:
    output = Output(options.output.absolute())
    source = find_source(options.input)
    opened = asyncio.run(load_model(settings, bundled=BUNDLED_RELEASE))
    job = Job(
        source,
        column=options.column,
        expect=options.expect,
        release=opened.release,
        origin=opened.origin,
        max_bytes=settings.max_body_bytes,
        max_pixels=settings.max_pixels,
    )
    with output.locked():
        plan = make_plan(output, source, terms=describe_terms(job), column=job.column)
        counts, began = plan.finished.counts, time.monotonic()
        if plan.left:
            job, ray = replace(job, source=plan.source), options.ray
            make_pool = open_pool if ray is None else partial(open_ray_pool, address=ray)
            pool = make_pool(job, workers=options.workers)
            try:
                _read(plan, output, pool, part_size=options.part_size)
            except BatchError as error:
                raise BatchError(f"{error} {_RESUME}") from error
        rate = plan.left / (time.monotonic() - began)
    return Outcome(
        f"{counts.total():,} pictures in {output.folder}: {counts['read']:,} read, {counts['not_digits']:,} "
        f"without a digit, {counts['failed']:,} failed. "
        + (f"{rate:,.0f} a second." if plan.left else "Nothing was left to read.")
    )


def _read(plan: Plan, output: Output, pool: AbstractContextManager[Pool], *, part_size: int) -> None:
    """Read and write the parts that are left, and add to the counts of the plan."""
    counts = plan.finished.counts
    bar = tqdm(total=counts.total() + plan.left, initial=counts.total(), unit=" pictures", disable=None)
    with bar, pool as opened:
        for number, table in opened.read(plan.parts(part_size)):
            output.write_part(number, table)
            counts.update(count_rows(table))
            bar.update(table.num_rows)
            bar.set_postfix(errors=counts["failed"])


def _stop(number: int, _: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt(number)  # passes through `except Exception` of libraries
