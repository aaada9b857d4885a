"""Batches for tests: pictures, the command in a process of its own, and its results."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from app.batch.batch import take_up
from app.batch.output import Output
from app.batch.part_reader import Job, PartReader
from app.batch.rows import describe_model
from app.batch.source import find_source
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.settings import Settings
from tests.conftest import PROJECT, Digits
from tests.pictures import beside, encode, enlarge

_WAIT_SECONDS = 180.0  # on a machine that is very busy

Row = dict[str, Any]


def write_pictures(folder: Path, digits: Digits, *, count: int, length: int = 1) -> None:
    """Write numbers of `length` digits as PNG, which take a millisecond a digit to read."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(count):
        picture = beside(*(enlarge(digits.images[place + more], side=84) for more in range(length)), gap=12)
        (folder / f"{place:04d}.png").write_bytes(encode(picture))


def start(
    given: object, output: Path, *options: object, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start the command, its settings the defaults."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    command = [sys.executable, "-m", "app", "batch", str(given), "--output", str(output)]
    return subprocess.Popen(
        command + [str(option) for option in options],
        cwd=PROJECT,
        env=inherited if environment is None else dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """Wait until a command has done its work, and return what it said."""
    said, complained = process.communicate(timeout=_WAIT_SECONDS)
    assert process.returncode == 0, complained
    return said


def read_here(given: object, output: Path, settings: Settings | None = None, **terms: Any) -> list[Row]:
    """Read a batch in this process, as a worker does, and return the rows."""
    settings = settings or Settings()
    release, origin = open_release(BUNDLED_RELEASE), Origin()
    results = Output(output)
    source = find_source(str(given), output=output)
    terms = {
        "input": source.name,
        "expect": "auto",
        "column": None,
        "model": describe_model(origin, release.reader_sha256),
        "max_bytes": settings.max_body_bytes,
        "max_pixels": settings.max_pixels,
    } | terms
    with results.locked():
        batch = take_up(results, source, terms=terms, part_size=3)
        job = Job(
            results,
            batch.source,
            column=terms["column"],
            expect=terms["expect"],
            release=release,
            origin=origin,
            max_bytes=terms["max_bytes"],
            max_pixels=terms["max_pixels"],
        )
        reader = PartReader(job)
        for part in batch.left:
            reader.read(part)
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
    """Wait until so many parts are finished; the processes must not end before."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while count_parts(output) < count:
        assert time.monotonic() < deadline
        assert all(process.poll() is None for process in processes), "it ended too early"
        time.sleep(0.01)
