"""A batch whose worker processes crash or fail."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from app.batch import BatchError
from app.batch.output import Finished
from app.batch.plan import Place, Plan
from app.batch.pool import open_pool
from app.batch.sources import find_source
from app.batch.worker import Job, Worker
from tests.app.batch.batches import Row, make_job, write_pictures
from tests.conftest import Digits

pytestmark = pytest.mark.slow

_FATAL, _FAILING = "0004.png", "0006.png"


class _CrashingWorker(Worker):
    """Is killed by a picture, as by a bug in a decoder."""

    def read(self, places: Sequence[Place]) -> pa.Table:
        if any(place.file == _FATAL for place in places):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(places)


class _FailingWorker(Worker):
    """Finds its source gone."""

    def read(self, places: Sequence[Place]) -> pa.Table:
        if any(place.file == _FAILING for place in places):
            raise BatchError("The folder no longer exists.")
        return super().read(places)


def _crash_at_the_start(_: Job) -> Worker:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _read(folder: Path, open_worker: Callable[[Job], Worker]) -> dict[int, list[Row]]:
    """Read the pictures of a folder in parts of three, with two processes; return the rows of each part."""
    job = make_job(find_source(str(folder)))
    files = [(name, None) for name in sorted(os.listdir(folder))]
    plan = Plan(job.source, Finished(set(), set(), Counter()), files, len(files))
    with open_pool(job, workers=2, open_worker=open_worker) as pool:
        return {number: table.to_pylist() for number, table in pool.read(plan.parts(3))}


@pytest.fixture
def pictures(tmp_path: Path, digits: Digits) -> Path:
    """A folder of 14 pictures."""
    write_pictures(tmp_path, digits, count=14)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    """After a test no worker process is left."""
    yield
    left = [each for each in psutil.Process().children(recursive=True) if "spawn_main" in str(each.cmdline())]
    assert left == []


def test_picture_that_crashes_its_process_is_a_row_with_an_error(pictures: Path) -> None:
    """The other pictures, of its own part and of those read at the same time, have their rows."""
    found = _read(pictures, _CrashingWorker)
    assert sorted(found) == list(range(5))
    rows = {row["path"]: row for part in sorted(found) for row in found[part]}
    assert list(rows) == sorted(os.listdir(pictures))
    failed = {path: row["error"] for path, row in rows.items() if row["error"]}
    assert {path: error["code"] for path, error in failed.items()} == {_FATAL: "crashed"}
    assert rows[_FATAL]["model"] == rows["0000.png"]["model"]


def test_error_of_the_batch_ends_all_processes(pictures: Path) -> None:
    """A worker whose source is gone ends the batch."""
    with pytest.raises(BatchError, match="no longer exists"):
        _read(pictures, _FailingWorker)


def test_processes_that_cannot_start_end_the_batch(pictures: Path) -> None:
    """Processes that crash without a picture are not started again and again."""
    with pytest.raises(BatchError, match="at their start"):
        _read(pictures, _crash_at_the_start)
