"""Folder of the results: finished parts, and in `_batch` the terms that the batch was started with.

Readers of a whole folder of Parquet files skip `_batch` because of the underscore.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from app.batch import BatchError
from app.batch.rows import COUNTED, Counts, count_rows

_PART = re.compile(r"part-(\d+)\.parquet")


@dataclass(frozen=True)
class Finished:
    """Finished parts: their numbers, and the paths and counts of their pictures."""

    parts: set[int]
    paths: set[str]
    counts: Counts


class Output:
    """The results in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._inside = folder / "_batch"
        self._start = self._inside / "start.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder. The lock is one of the operating system and ends with the process.

        Raises:
            BatchError: another command holds the lock, or the folder cannot be used.
        """
        lock = FileLock(self._inside / "lock")
        with self._explained():
            self._inside.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout as error:
                raise BatchError(f"Another command is writing to {self.folder}.") from error
        with lock:
            yield

    def load_start(self) -> dict[str, Any]:
        """Return what `save_start` has saved, empty for a new batch.

        Raises:
            BatchError: the folder contains the parts of something else.
        """
        if self._start.exists():
            return dict(json.loads(self._start.read_text(encoding="utf-8")))
        if self._find_parts():
            raise BatchError(f"{self.folder} contains other results. Choose another --output.")
        return {}

    def save_start(self, start: dict[str, Any]) -> None:
        """Save what the batch is started with, as JSON."""
        self._write(self._start, json.dumps(start).encode())

    def load_finished(self) -> Finished:
        """Return the finished parts and their pictures."""
        finished = Finished(self._find_parts(), set(), Counter())
        for part in finished.parts:
            with pq.ParquetFile(self._path(part)) as file:
                table = file.read(columns=["path", *COUNTED], use_threads=False)
            finished.paths.update(table["path"].to_pylist())
            finished.counts.update(count_rows(table))
        return finished

    def write_part(self, part: int, table: pa.Table) -> None:
        """Write a part.

        Raises:
            BatchError: it cannot be written.
        """
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer, compression="zstd")
        self._write(self._path(part), buffer.getvalue())

    def _write(self, path: Path, content: Any) -> None:
        """Write a file atomically, so that it is complete even after a power failure."""
        partial = self._inside / "partial"
        with self._explained():
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)

    def _find_parts(self) -> set[int]:
        matches = (_PART.fullmatch(name) for name in os.listdir(self.folder))
        return {int(match[1]) for match in matches if match}

    def _path(self, part: int) -> Path:
        return self.folder / f"part-{part:05d}.parquet"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BatchError(f"Cannot write to {self.folder}: {error.strerror}.") from error
