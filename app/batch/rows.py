"""Rows of the results, one per picture: its reading, or the error that prevented it."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.batch.parquet_pictures import UnreadableParquetError
from app.model.loading import as_sentence
from app.recognition.image.picture import PictureError, TooManyPixelsError
from app.recognition.reading import Reading

_SCORES = {"confidence": pa.float64(), "digit_score": pa.float64()}
_BOX = pa.list_(pa.int32(), 4)  # x, y, width, height
_PLACE = {"box": _BOX, "line": pa.int32()}
_DIGIT = pa.struct({"digit": pa.int8()} | _SCORES | {"accepted": pa.bool_()} | _PLACE)
_MARK = pa.struct({"mark": pa.string(), "confidence": pa.float64()} | _PLACE)
_MODEL = pa.struct(dict.fromkeys(("source", "repo", "revision", "sha256"), pa.string()))
_ERROR = pa.struct(dict.fromkeys(("code", "message"), pa.string()))
_SCHEMA = pa.schema(
    dict.fromkeys(("path", "text", "written"), pa.string())
    | {"digits": pa.list_(_DIGIT), "marks": pa.list_(_MARK)}
    | _SCORES
    | {"model": _MODEL, "error": _ERROR}
)
# Columns that `count_rows` needs, as pyarrow names them in a Parquet file.
COUNTED = ["digits.list.element.accepted", "error.code"]

Row = dict[str, Any]
Model = dict[str, str | None]
Counts = Counter[str]


class TooManyBytesError(Exception):
    """The picture is larger than allowed and has not been read."""


def make_row(path: str, reading: Reading) -> Row:
    """Return the row of a picture that was read."""
    fields = reading.to_json()
    scores = {name: min((digit[name] for digit in fields["digits"]), default=None) for name in _SCORES}
    return {"path": path} | fields | scores


def make_error_row(path: str, error: Exception) -> Row:
    """Return the row of a picture that could not be read; code and message are those of the API."""
    match error:
        case TooManyPixelsError() | TooManyBytesError():
            code, message = "too_large", as_sentence(error)
        case PictureError() | UnreadableParquetError():
            code, message = "undecodable", as_sentence(error)
        case FileNotFoundError():
            code, message = "not_found", "The file no longer exists."
        case OSError():
            code, message = "unreadable", f"The file cannot be read: {error.strerror}."
        case BrokenExecutor():
            code, message = "crashed", "The process crashed twice on this picture, possibly out of memory."
        case _:
            code, message = "internal", "Internal error. It has been logged."
    return {"path": path, "error": {"code": code, "message": message}}


def make_table(rows: Sequence[Row], *, model: Model) -> pa.Table:
    """Return rows as a table, each with the model that read it."""
    return pa.Table.from_pylist([row | {"model": model} for row in rows], schema=_SCHEMA)


def count_rows(table: pa.Table) -> Counts:
    """Count pictures that are `read`, with at least one accepted digit, `not_digits`, and `failed`."""
    digits = table["digits"].combine_chunks()
    accepted = pc.struct_field(pc.list_flatten(digits), "accepted")
    read = len(pc.list_parent_indices(digits).filter(accepted).unique())
    failed = table.num_rows - table["error"].null_count
    return Counter(read=read, not_digits=table.num_rows - failed - read, failed=failed)
