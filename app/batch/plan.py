"""Plan of a batch: the pictures without a row, cut into parts."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from app.batch import BatchError
from app.batch.output import Finished, Output
from app.batch.parquet_pictures import UnreadableParquetError, count_pictures
from app.batch.sources import Source, is_parquet
from app.recognition.image.formats import FORMAT_NAMES


@dataclass(frozen=True)
class Place:
    """Location of a picture: a file of the source, and the row in a Parquet file."""

    file: str
    row: int | None = None

    def __str__(self) -> str:
        """Return the path in the results. Bytes of a file name that are not UTF-8 are escaped."""
        path = os.fsencode(self.file).decode("utf-8", "backslashreplace")
        return path if self.row is None else f"{path}#{self.row}"


@dataclass(frozen=True)
class Plan:
    """Pictures to read.

    Attributes:
        source: of the pictures; a data set on the Hub is at its commit.
        finished: pictures that have a row.
        files: of the source, each with its number of rows, None for a picture.
        left: number of pictures without a row.
    """

    source: Source
    finished: Finished
    files: Sequence[tuple[str, int | None]]
    left: int

    def parts(self, size: int) -> Iterator[tuple[int, list[Place]]]:
        """Return numbers and pictures of parts of `size`, in the order of the files.

        Parts take the free numbers in ascending order, so that a killed batch of an unchanged input ends
        with the same files as one that was not killed.
        """
        places = _find_places(self.files, self.finished)
        numbers = (number for number in count() if number not in self.finished.parts)
        while part := list(islice(places, size)):
            yield next(numbers), part


def make_plan(output: Output, source: Source, *, terms: dict[str, Any], column: str | None) -> Plan:
    """Start a batch in a locked output, or resume the one that is there.

    Args:
        output: folder of the results.
        source: of the pictures; a data set on the Hub stays at the commit of the start.
        terms: values that the rows depend on, as JSON, by their names in messages.
        column: of Parquet files.

    Raises:
        BatchError: the batch was started with other terms, or there are no pictures.
        HubError: the data set cannot be downloaded.
    """
    start = output.load_start() or {"terms": terms, "commit": None}
    for name, value in terms.items():
        if start["terms"][name] != value:
            raise BatchError(
                f"{output.folder} was started with {name} {start['terms'][name]}, not {value}. Use the same "
                "value, or another --output."
            )
    source = source.download(start["commit"])
    files = [(file, _count_rows(source, file, column)) for file in source.list_files(output=output.folder)]
    finished = output.load_finished()
    left = sum(1 for _ in _find_places(files, finished))
    if not (left or finished.paths):
        raise BatchError(
            f"There are no pictures in {source.name}: no {FORMAT_NAMES} file, and no Parquet file with a "
            "column of pictures."
        )
    output.save_start({"terms": terms, "commit": source.commit})
    return Plan(source, finished, files, left)


def _count_rows(source: Source, file: str, column: str | None) -> int | None:
    """Return the rows of a Parquet file. A damaged one counts as a picture, which will fail."""
    try:
        return count_pictures(source.root / file, column=column) if is_parquet(file) else None
    except UnreadableParquetError:
        return None


def _find_places(files: Sequence[tuple[str, int | None]], finished: Finished) -> Iterator[Place]:
    for file, rows in files:
        places = [Place(file)] if rows is None else (Place(file, row) for row in range(rows))
        yield from (place for place in places if str(place) not in finished.paths)
