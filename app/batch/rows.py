"""One row of the results for each picture: what it was read as, or why it was not."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa

from app.batch.parquet_pictures import UnreadableParquetError
from app.model.loading import as_sentence
from app.model.release import Origin
from app.recognition.image.picture import PictureError, TooManyPixelsError
from app.recognition.reading import Digit, Reading

_DIGIT = pa.struct(
    [
        ("digit", pa.int8()),
        ("confidence", pa.float64()),
        ("digit_score", pa.float64()),
        ("accepted", pa.bool_()),
        ("box", pa.list_(pa.int32(), 4)),  # x, y, width, height
    ]
)
_MODEL = pa.struct(
    [("source", pa.string()), ("repo", pa.string()), ("revision", pa.string()), ("sha256", pa.string())]
)
SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        ("text", pa.string()),
        ("digits", pa.list_(_DIGIT)),
        ("confidence", pa.float64()),
        ("digit_score", pa.float64()),
        ("model", _MODEL),
        ("error", pa.struct([("code", pa.string()), ("message", pa.string())])),
    ]
)

Row = dict[str, Any]


class TooManyBytesError(Exception):
    """The picture is larger than allowed. It has not been read."""


@dataclass(frozen=True)
class Counts:
    """What came of pictures.

    Attributes:
        read: with at least one digit that was accepted.
        not_digits: read, but no digit was found or accepted.
        failed: with an error.
    """

    read: int = 0
    not_digits: int = 0
    failed: int = 0

    @property
    def pictures(self) -> int:
        """All of them."""
        return self.read + self.not_digits + self.failed

    def __add__(self, other: "Counts") -> "Counts":
        """Return both together."""
        names = [field.name for field in fields(self)]
        return Counts(*(getattr(self, name) + getattr(other, name) for name in names))


def describe_model(origin: Origin, sha256: str) -> dict[str, str | None]:
    """Return which model reads, as `/api/model` says it."""
    return {"source": origin.source, "repo": origin.repo, "revision": origin.commit, "sha256": sha256}


def make_row(path: str, reading: Reading) -> Row:
    """Return the row of a picture that was read."""
    digits = reading.digits
    return {
        "path": path,
        "text": reading.text,
        "digits": [_describe_digit(digit) for digit in digits],
        "confidence": min((digit.confidence for digit in digits), default=None),
        "digit_score": min((digit.digit_score for digit in digits), default=None),
    }


def make_error_row(path: str, error: Exception) -> Row:
    """Return the row of a picture that could not be read, with code and message as the API gives them."""
    match error:
        case TooManyPixelsError() | TooManyBytesError():
            code, message = "too_large", as_sentence(error)
        case PictureError() | UnreadableParquetError():
            code, message = "undecodable", as_sentence(error)
        case FileNotFoundError():
            code, message = "not_found", "The file is not there any more."
        case OSError():
            code, message = "unreadable", f"The file cannot be read: {error.strerror}."
        case _:
            code, message = "internal", "The reader made a mistake; it has been logged."
    return {"path": path, "error": {"code": code, "message": message}}


def make_table(rows: Sequence[Row], *, model: dict[str, str | None]) -> pa.Table:
    """Return rows with the model that read them."""
    return pa.Table.from_pylist([row | {"model": model} for row in rows], schema=SCHEMA)


def count_rows(rows: Sequence[Row]) -> Counts:
    """Count what came of the pictures."""
    failed = sum("error" in row for row in rows)
    read = sum(any(digit["accepted"] for digit in row.get("digits", ())) for row in rows)
    return Counts(read, len(rows) - failed - read, failed)


def _describe_digit(digit: Digit) -> dict[str, Any]:
    box = digit.box
    return {
        "digit": digit.digit,
        "confidence": digit.confidence,
        "digit_score": digit.digit_score,
        "accepted": digit.accepted,
        "box": [box.x, box.y, box.width, box.height],
    }
