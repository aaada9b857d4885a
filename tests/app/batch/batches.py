"""Batches for tests: pictures, the command in its own process, and its results."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from app.batch.command import describe_terms
from app.batch.output import Output
from app.batch.plan import make_plan
from app.batch.sources import Source, find_source
from app.batch.worker import Job, Worker
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.settings import Settings
from tests.conftest import PROJECT, Digits
from tests.pictures import beside, encode, enlarge

_PART_SIZE = 3
_WAIT_SECONDS = 180.0  # on a machine that is very busy

Row = dict[str, Any]


def write_pictures(folder: Path, digits: Digits, *, count: int, length: int = 1) -> None:
    """Write numbers of `length` digits as PNG; reading takes a millisecond per digit."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(count):
        picture = beside(*(enlarge(digits.images[place + more], side=84) for more in range(length)), gap=12)
        (folder / f"{place:04d}.png").write_bytes(encode(picture))


def start(
    given: object, output: Path, *options: object, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start the command with default settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    command = [sys.executable, "-m", "app", "batch", str(given), "--output", str(output)]
    return subprocess.Popen(
        command + [str(option) for option in options],
        cwd=PROJECT,
        env=inherited if environment is None else dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that a test can send Ctrl-C to all its processes
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for the successful end of a command and return its output."""
    printed, errors = process.communicate(timeout=_WAIT_SECONDS)
    assert process.returncode == 0, errors
    return printed


def make_job(source: Source, **changed: Any) -> Job:
    """Return the job of the command without options, with changes."""
    settings = Settings()
    limits = {"max_bytes": settings.max_body_bytes, "max_pixels": settings.max_pixels}
    usual = {"column": None, "expect": "auto", "release": open_release(BUNDLED_RELEASE), "origin": Origin()}
    return Job(source, **(usual | limits | changed))


def read_here(given: object, output: Path, **changed: Any) -> list[Row]:
    """Read a batch in this process, with changes to its job, and return the rows."""
    results = Output(output)
    job = make_job(find_source(str(given)), **changed)
    with results.locked():
        plan = make_plan(results, job.source, terms=describe_terms(job), column=job.column)
        worker = Worker(replace(job, source=plan.source))
        for number, places in plan.parts(_PART_SIZE):
            results.write_part(number, worker.read(places))
    return read_rows(output)


def read_rows(output: Path) -> list[Row]:
    """Return all rows of the finished parts, in the order of the parts."""
    rows: list[Row] = []
    for path in sorted(output.glob("part-*.parquet")):
        rows += pq.read_table(path).to_pylist()
    return rows


def count_parts(output: Path) -> int:
    """Return how many parts are finished."""
    return len(list(output.glob("part-*.parquet")))


def wait_for_parts(output: Path, count: int, processes: Iterable[subprocess.Popen[str]]) -> None:
    """Wait until `count` parts are finished; the processes must not end before."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while count_parts(output) < count:
        assert time.monotonic() < deadline
        assert all(process.poll() is None for process in processes), "a process has ended too early"
        time.sleep(0.01)
