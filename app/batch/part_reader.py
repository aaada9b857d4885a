"""What a worker does, wherever it runs: it reads the pictures of a part and writes their rows."""

import logging
import stat
from dataclasses import dataclass
from pathlib import Path

from app.batch.listing import Listing, Place
from app.batch.names import is_parquet
from app.batch.output import Output
from app.batch.parquet_pictures import ParquetPictures, UnreadableParquetError
from app.batch.rows import (
    Counts,
    Row,
    TooManyBytesError,
    count_rows,
    describe_model,
    make_error_row,
    make_row,
    make_table,
)
from app.batch.source import Source
from app.model.loading import load_release
from app.model.release import Origin, Release
from app.recognition.image.picture import decode_picture, open_picture
from app.recognition.reading import Expect

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """All that a worker needs to know. It is sent to other processes and machines.

    Attributes:
        output: where the list is, and where the rows go; all machines see it.
        source: of the pictures.
        column: of Parquet files; None for the only one.
        expect: what the pictures show.
        release: the model, its bytes included.
        origin: where it comes from.
        max_bytes: of the largest file.
        max_pixels: width x height of the largest picture.
    """

    output: Output
    source: Source
    column: str | None
    expect: Expect
    release: Release
    origin: Origin
    max_bytes: int
    max_pixels: int


class PartReader:
    """Reads parts of a job, in one thread."""

    def __init__(self, job: Job) -> None:
        """Open the model.

        Raises:
            ReaderError: it does not work here.
        """
        self._job = job
        self._listing = Listing(job.output.listing)
        self._recognizer = load_release(job.release, job.origin).recognizer
        self._parquet = ParquetPictures(job.column)

    def read(self, part: int) -> Counts:
        """Read a part, unless it is finished, and tell what came of its pictures.

        Raises:
            BatchError: the source is not there any more, or the output cannot be written.
        """
        output = self._job.output
        if output.is_finished(part):  # by a worker that died before it could say so
            return output.count([part])
        places = self._listing.read(part)
        files = self._job.source.fetch({place.path for place in places})
        rows = [self._read_picture(place, files[place.path]) for place in places]
        counts = count_rows(rows)
        if counts.failed:
            self._job.source.fetch(())  # what failed may have done so because the source went away meanwhile
        model = describe_model(self._job.origin, self._job.release.reader_sha256)
        output.write_part(part, make_table(rows, model=model), counts)
        return counts

    def _read_picture(self, place: Place, file: Path) -> Row:
        try:
            image = open_picture(self._load(place, file), max_pixels=self._job.max_pixels)
            reading = self._recognizer.read(decode_picture(image), expect=self._job.expect)
        except Exception as error:  # whatever it is, the others are read
            row = make_error_row(str(place), error)
            if row["error"]["code"] == "internal":
                _log.error("%s cannot be read", place, exc_info=error)
            return row
        return make_row(str(place), reading)

    def _load(self, place: Place, file: Path) -> bytes:
        if place.row is not None:
            data = self._parquet.read(file, place.row)
            self._check_size(len(data))
            return data
        about = file.stat()
        if not stat.S_ISREG(about.st_mode):  # one would wait for a pipe for ever
            raise OSError(None, "it is no file")
        if is_parquet(place.path):
            raise UnreadableParquetError("the Parquet file is truncated or broken")
        self._check_size(about.st_size)
        return file.read_bytes()

    def _check_size(self, size: int) -> None:
        if size > self._job.max_bytes:
            raise TooManyBytesError(f"the picture has more than the {self._job.max_bytes:,} bytes allowed")
