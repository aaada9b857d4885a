"""Pictures in a column of a Parquet file: as bytes, or as the Hub's struct of bytes and path."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.batch.errors import BatchError

_USUAL_NAME = "image"  # the Hub's; it decides between several columns
_ROWS_AT_ONCE = 32  # each may be as large as a picture can be
_BUFFER_BYTES = 2**20  # read at once of a column, so that a row group of gigabytes takes no more


class UnreadableParquetError(Exception):
    """The file is no Parquet file that can be read."""


class ParquetPictures:
    """Reads pictures by row. Rows that follow each other cost least: the file is read on, not again."""

    def __init__(self, column: str | None) -> None:
        """Read from `column`; None stands for the one that `count_pictures` found."""
        self._column = column
        self._file: Path | None = None
        self._batches: Iterator[pa.RecordBatch] = iter(())
        self._batch: list[Any] = []
        self._first = 0  # row of the batch in the file

    def read(self, file: Path, row: int) -> bytes:
        """Return the encoded picture in a row of a file; no bytes where there is none.

        Raises:
            UnreadableParquetError: the file is damaged, or not what it was when it was listed.
        """
        try:
            if file != self._file or row < self._first:
                self._open(file, row)
            while row >= self._first + len(self._batch):
                self._first += len(self._batch)
                self._batch = next(self._batches).column(0)
            value = self._batch[row - self._first].as_py()
        except (pa.ArrowException, OSError, StopIteration, IndexError) as error:
            self._file = None
            raise UnreadableParquetError(f"row {row} of the Parquet file cannot be read") from error
        return (value["bytes"] if isinstance(value, dict) else value) or b""

    def _open(self, file: Path, row: int) -> None:
        """Go to the beginning of the row group that holds a row."""
        opened = _open(file)
        column = _find_column(opened.schema_arrow, self._column)
        groups, first = opened.num_row_groups, 0
        group = 0
        while group < groups and first + opened.metadata.row_group(group).num_rows <= row:
            first += opened.metadata.row_group(group).num_rows
            group += 1
        self._batches = opened.iter_batches(
            _ROWS_AT_ONCE,
            row_groups=range(group, groups),
            columns=[_leaf(opened.schema_arrow, column)],
            use_threads=False,
        )
        self._file, self._batch, self._first = file, [], first


def count_pictures(source: Any, *, column: str | None) -> int:
    """Return how many rows with pictures a Parquet file has: 0 where no column holds pictures.

    Args:
        source: a path or an open file, of which the footer is read.
        column: the one to take; None takes the only one, or of several that called `image`.

    Raises:
        UnreadableParquetError: it is no whole Parquet file.
        BatchError: several columns hold pictures, and which to take is not said.
    """
    opened = _open(source)
    return int(opened.metadata.num_rows) if _find_column(opened.schema_arrow, column) else 0


def _open(source: Any) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableParquetError("the Parquet file is truncated or broken") from error


def _find_column(schema: pa.Schema, wanted: str | None) -> str | None:
    names = [field.name for field in schema if _holds_pictures(field.type)]
    if wanted is not None or len(names) < 2:
        return next((name for name in names if wanted in (None, name)), None)
    if _USUAL_NAME in names:
        return _USUAL_NAME
    raise BatchError(f"Several columns hold pictures: {', '.join(names)}; choose one with --column.")


def _holds_pictures(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        place = kind.get_field_index("bytes")
        return place >= 0 and _holds_pictures(kind.field(place).type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _leaf(schema: pa.Schema, column: str | None) -> str:
    """What pyarrow calls the bytes of a column."""
    if column is None:
        raise UnreadableParquetError("the Parquet file has no column of pictures any more")
    return f"{column}.bytes" if pa.types.is_struct(schema.field(column).type) else column
