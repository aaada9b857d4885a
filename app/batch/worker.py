"""Reading of pictures in a worker process."""

import logging
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from app.batch.parquet_pictures import ParquetPictures, UnreadableParquetError
from app.batch.plan import Place
from app.batch.rows import Model, Row, TooManyBytesError, make_error_row, make_row, make_table
from app.batch.sources import Source, is_parquet
from app.model.loading import load_release
from app.model.release import Origin, Release
from app.recognition.reading import Expect
from app.service import PictureInput, read_input

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """All that a worker needs. It is sent to other processes and machines.

    Attributes:
        source: of the pictures.
        column: of Parquet files; None stands for the only one.
        expect: content of each picture.
        release: of the model, with the bytes of its reader.
        origin: of the release.
        max_bytes: of a file.
        max_pixels: width x height of a picture.
    """

    source: Source
    column: str | None
    expect: Expect
    release: Release
    origin: Origin
    max_bytes: int
    max_pixels: int

    @property
    def model(self) -> Model:
        """Return the identity of the model."""
        return self.origin.identify(self.release.reader_sha256)


class Worker:
    """Reads pictures in one thread."""

    def __init__(self, job: Job) -> None:
        """Open the model.

        Raises:
            ReaderError: it does not work on this machine.
        """
        self._job = job
        self._model = load_release(job.release, job.origin)
        self._parquet = ParquetPictures(job.column)

    def read(self, places: Sequence[Place]) -> pa.Table:
        """Return the rows of pictures.

        Raises:
            BatchError: the source is no longer available.
        """
        rows = [self._read_picture(place) for place in places]
        if any("error" in row for row in rows):
            self._job.source.check()
        return make_table(rows, model=self._job.model)

    def _read_picture(self, place: Place) -> Row:
        try:
            picture = PictureInput(self._load(place), self._job.expect)
            reading = read_input(self._model.recognizer, picture, max_pixels=self._job.max_pixels)
        except Exception as error:  # the other pictures are read, whatever the error is
            row = make_error_row(str(place), error)
            if row["error"]["code"] == "internal":
                _log.error("Cannot read %s", place, exc_info=error)
            return row
        return make_row(str(place), reading)

    def _load(self, place: Place) -> bytes:
        file = self._job.source.root / place.file
        if place.row is not None:
            data = self._parquet.read(file, place.row)
            self._check_size(len(data))
            return data
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a named pipe would block
            raise OSError(None, "it is not a regular file")
        if is_parquet(place.file):
            raise UnreadableParquetError("the Parquet file is truncated or damaged")
        self._check_size(status.st_size)
        return file.read_bytes()

    def _check_size(self, size: int) -> None:
        if size > self._job.max_bytes:
            raise TooManyBytesError(f"the picture has more than the {self._job.max_bytes:,} bytes allowed")


def open_remote_worker(job: Job) -> Worker:
    """Return a worker on a machine that may not have the data set of the job yet."""
    return Worker(replace(job, source=job.source.download(job.source.commit)))
