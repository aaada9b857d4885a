"""The folder of results: finished parts, and beside them the list and what is not finished.

What is in the folder `_batch`, readers of a whole folder of Parquet files pass over, for its name.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from app.batch.errors import BatchError
from app.batch.rows import Counts

_PART = re.compile(r"part-(\d+)\.parquet")
_COUNTS = b"counts"  # key of the metadata of a part
_PARTIAL = ".partial"


@dataclass(frozen=True)
class Output:
    """The results in `folder`."""

    folder: Path

    @property
    def listing(self) -> Path:
        """Where the list of all pictures is."""
        return self._inside / "listing.parquet"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other commands out, and clear away what one that was killed has left unfinished.

        The lock is the kernel's: it ends with the process that holds it.

        Raises:
            BatchError: another command is at work, or the folder cannot be used.
        """
        lock = FileLock(self._inside / "lock")
        try:
            self._inside.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BatchError(f"Another command is writing to {self.folder}.") from error
        except OSError as error:
            raise BatchError(f"{self.folder} cannot be written to: {error.strerror}.") from error
        try:
            self._check()
            self._clear()
            yield
        finally:
            self._clear()
            lock.release()

    def find_finished(self) -> set[int]:
        """Return the parts that are finished."""
        matches = (_PART.fullmatch(name) for name in os.listdir(self.folder))
        return {int(match[1]) for match in matches if match}

    def is_finished(self, part: int) -> bool:
        """Tell whether a part is finished."""
        return self._path(part).exists()

    def write_part(self, part: int, table: pa.Table, counts: Counts) -> None:
        """Put a finished part into its place, whole and at once; it may replace one with the same rows.

        Raises:
            BatchError: it cannot be written.
        """
        about = {_COUNTS: json.dumps(asdict(counts)).encode()}
        partial = self._inside / f"{uuid4().hex}{_PARTIAL}"  # two workers may write the same part
        try:
            with partial.open("xb") as file:
                pq.write_table(table.replace_schema_metadata(about), file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())  # so that it is whole after a power cut, too
            os.replace(partial, self._path(part))
        except OSError as error:
            raise BatchError(f"{self.folder} cannot be written to: {error.strerror}.") from error

    def count(self, parts: Iterable[int]) -> Counts:
        """Return what came of the pictures of finished parts."""
        return sum((self._count(part) for part in parts), Counts())

    def _count(self, part: int) -> Counts:
        metadata = pq.read_schema(self._path(part)).metadata
        return Counts(**json.loads(metadata[_COUNTS]))

    def _path(self, part: int) -> Path:
        return self.folder / f"part-{part:05d}.parquet"

    def _clear(self) -> None:
        for partial in self._inside.glob(f"*{_PARTIAL}"):
            partial.unlink(missing_ok=True)

    def _check(self) -> None:
        if not self.listing.exists() and self.find_finished():
            raise BatchError(f"{self.folder} holds parts of something else; give another --output.")

    @property
    def _inside(self) -> Path:
        return self.folder / "_batch"
