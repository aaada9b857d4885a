"""The list of all pictures of a batch, cut into parts: made once, so that later files shift nothing.

A Parquet file with one row a picture and one row group a part, which is read part by part.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.batch.names import is_parquet
from app.batch.parquet_pictures import UnreadableParquetError, count_pictures
from app.batch.source import Source

_ABOUT = b"batch"  # key of the metadata
# A file's name is bytes, which need not be text.
_SCHEMA = pa.schema([pa.field("path", pa.binary(), nullable=False), pa.field("row", pa.int64())])


@dataclass(frozen=True)
class Place:
    """Where a picture is: a file of the source, and in a Parquet file the row."""

    path: str
    row: int | None = None

    def __str__(self) -> str:
        """Return what the results call it."""
        shown = os.fsencode(self.path).decode("utf-8", "replace")
        return shown if self.row is None else f"{shown}#{self.row}"


class Listing:
    """A list that was written."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path)
        self.about: dict[str, Any] = json.loads(self._file.schema_arrow.metadata[_ABOUT])

    @property
    def parts(self) -> int:
        """How many parts there are; they count from 0."""
        return int(self._file.num_row_groups)

    def count(self, part: int) -> int:
        """Return how many pictures a part has."""
        return int(self._file.metadata.row_group(part).num_rows)

    def read(self, part: int) -> list[Place]:
        """Return where the pictures of a part are."""
        table = self._file.read_row_group(part, use_threads=False)
        paths, rows = (column.to_pylist() for column in table.columns)
        return [Place(os.fsdecode(path), row) for path, row in zip(paths, rows, strict=True)]


def find_places(source: Source, files: Iterable[str], *, column: str | None) -> Iterator[Place]:
    """Find the pictures of some files of a source.

    A Parquet file without pictures has none; one that cannot be read stands for one, which will fail.

    Raises:
        BatchError: a Parquet file has several columns of pictures, and `column` names none of them.
    """
    for path in files:
        if not is_parquet(path):
            yield Place(path)
            continue
        try:
            count = count_pictures(source.open(path), column=column)
        except UnreadableParquetError:
            yield Place(path)
        else:
            yield from (Place(path, row) for row in range(count))


def write_listing(
    path: Path,
    places: Iterable[Place],
    *,
    part_size: int,
    about: dict[str, Any],
    after: Listing | None = None,
) -> None:
    """Write a list in place of one that may be there.

    Args:
        path: of the file.
        places: of the pictures.
        part_size: pictures of a part.
        about: what else is to be known of the batch, as JSON.
        after: a list whose parts come first, as they are.
    """
    schema = _SCHEMA.with_metadata({_ABOUT: json.dumps(about).encode()})
    partial = path.with_suffix(".partial")
    before = (after.read(part) for part in range(after.parts)) if after else ()
    with pq.ParquetWriter(partial, schema) as writer:
        for part in chain(before, _cut(places, part_size)):
            paths, rows = [os.fsencode(place.path) for place in part], [place.row for place in part]
            writer.write_table(pa.table([paths, rows], schema=schema), row_group_size=len(part))
    os.replace(partial, path)


def _cut(places: Iterable[Place], size: int) -> Iterator[list[Place]]:
    remaining = iter(places)
    while part := list(islice(remaining, size)):
        yield part
