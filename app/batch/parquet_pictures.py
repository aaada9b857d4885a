"""Pictures in a column of a Parquet file: bytes, or the Hub's struct of bytes and path."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.batch import BatchError

_USUAL_NAME = "image"  # the Hub's name, chosen among several columns
_ROWS_PER_BATCH = 32  # each may have the largest size that a picture may have
_BUFFER_BYTES = 2**20  # read at once, so that memory does not grow with the size of a row group


class UnreadableParquetError(Exception):
    """The file is not a valid Parquet file with pictures."""


class ParquetPictures:
    """Reads pictures by row. Ascending rows are fast: reading continues in the open file."""

    def __init__(self, column: str | None) -> None:
        """Read from `column`, by default the one that `count_pictures` finds."""
        self._column = column
        self._file: Path | None = None
        self._pictures: Iterator[tuple[int, Any]] = iter(())
        self._last = 0  # row that was read

    def read(self, file: Path, row: int) -> bytes:
        """Return the encoded picture in a row of a file, empty for a null.

        Raises:
            UnreadableParquetError: the file is damaged, or has changed since it was listed.
        """
        try:
            if file != self._file or row <= self._last:
                self._file, self._pictures = file, _iterate(file, self._column, row)
            self._last, value = next(each for each in self._pictures if each[0] == row)
            picture = value.as_py()
        except (pa.ArrowException, OSError, StopIteration, IndexError) as error:
            self._file = None
            raise UnreadableParquetError(f"row {row} of the Parquet file cannot be read") from error
        return (picture["bytes"] if isinstance(picture, dict) else picture) or b""


def count_pictures(file: Path, *, column: str | None) -> int:
    """Return the number of rows with pictures in a Parquet file, 0 without a column of pictures.

    Args:
        file: its path.
        column: its name; None stands for the only one, or among several for `image`.

    Raises:
        UnreadableParquetError: the file is not a complete Parquet file.
        BatchError: several columns contain pictures, and `column` is None.
    """
    opened = _open(file)
    return int(opened.metadata.num_rows) if _find_column(opened.schema_arrow, column) else 0


def _iterate(file: Path, wanted: str | None, row: int) -> Iterator[tuple[int, Any]]:
    """Return numbers and values of rows, from the row group that contains `row`."""
    opened = _open(file)
    column = _find_column(opened.schema_arrow, wanted)
    if column is None:
        raise UnreadableParquetError("the Parquet file has no column of pictures")
    is_struct = pa.types.is_struct(opened.schema_arrow.field(column).type)
    group, first = 0, 0
    while first + (rows := opened.metadata.row_group(group).num_rows) <= row:
        group, first = group + 1, first + rows
    batches = opened.iter_batches(
        _ROWS_PER_BATCH,
        row_groups=range(group, opened.num_row_groups),
        columns=[f"{column}.bytes" if is_struct else column],
        use_threads=False,
    )
    return enumerate((value for batch in batches for value in batch.column(0)), first)


def _open(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableParquetError("the Parquet file is truncated or damaged") from error


def _find_column(schema: pa.Schema, wanted: str | None) -> str | None:
    names = [field.name for field in schema if _holds_pictures(field.type)]
    if wanted is not None or len(names) < 2:
        return next((name for name in names if wanted in (None, name)), None)
    if _USUAL_NAME in names:
        return _USUAL_NAME
    raise BatchError(f"Several columns contain pictures: {', '.join(names)}. Choose one with --column.")


def _holds_pictures(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        place = kind.get_field_index("bytes")
        return place >= 0 and _holds_pictures(kind.field(place).type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))
