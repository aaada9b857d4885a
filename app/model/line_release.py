"""Parse the line reader's part of a release."""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.recognition.readers.decoding import DIGITS, Opinions
from app.recognition.readers.line_reader import LINE_HEIGHT, TILE_WIDTH


@dataclass(frozen=True)
class LineSelfTestCase:
    """One line of the self-test, with the line reader's result on the machine where it was exported.

    Attributes:
        line: ink uint8 (LINE_HEIGHT, TILE_WIDTH).
        columns: the columns that are compared, int (n,).
        probabilities: float64 (n, classes).
    """

    line: NDArray[np.uint8]
    columns: NDArray[np.int64]
    probabilities: NDArray[np.float64]


@dataclass(frozen=True)
class LineSelfTest:
    """What the line reader must return on every machine, each number to within `tolerance`."""

    tolerance: float
    cases: tuple[LineSelfTestCase, ...]


@dataclass(frozen=True)
class LineRelease:
    """The line reader of a verified release.

    Attributes:
        classes: names of its classes: ten digits, marks (`.,/` at least), `other` and `blank`.
        opinions: how its opinion on a digit is joined with the digit reader's.
        self_test: of the line reader.
        sha256: hexadecimal digest of `line_reader.tflite`.
        reader: the bytes of `line_reader.tflite`.
    """

    classes: tuple[str, ...]
    opinions: Opinions
    self_test: LineSelfTest
    sha256: str
    reader: bytes


def parse_line_release(given: dict[str, Any], reader: bytes, *, sha256: str) -> LineRelease:
    """Return the line reader of a release, given `line_reader` of release.json.

    Raises:
        ValueError, KeyError, TypeError: the description is invalid.
    """
    shape, dtype = given["input"]["shape"], given["input"]["dtype"]
    if (shape, dtype) != ([1, LINE_HEIGHT, TILE_WIDTH], "uint8"):
        raise ValueError(f"the line reader's input is {given['input']}")
    classes = tuple(str(name) for name in given["classes"])
    if classes[:DIGITS] != tuple("0123456789") or not {*".,/", "other", "blank"} <= set(classes):
        raise ValueError(f"the line reader's classes are {classes}")
    constant, line_factor, digit_factor = map(float, given["score"])
    return LineRelease(
        classes=classes,
        opinions=Opinions(
            line_weight=float(given["weights"]["line"]),
            digit_weight=float(given["weights"]["digit"]),
            score=(constant, line_factor, digit_factor),
            acceptance_threshold=float(given["acceptance_threshold"]),
        ),
        self_test=LineSelfTest(
            tolerance=float(given["self_test"]["tolerance"]),
            cases=tuple(_parse_case(case, classes=len(classes)) for case in given["self_test"]["cases"]),
        ),
        sha256=sha256,
        reader=reader,
    )


def _parse_case(given: dict[str, Any], *, classes: int) -> LineSelfTestCase:
    try:
        pixels = np.frombuffer(b64decode(given["picture"], validate=True), np.uint8)
    except binascii.Error as error:
        raise ValueError("a line of the self-test is not base64") from error
    columns = np.array(given["columns"], np.int64)
    return LineSelfTestCase(
        line=pixels.reshape(LINE_HEIGHT, TILE_WIDTH),
        columns=columns,
        probabilities=np.array(given["probabilities"], float).reshape(len(columns), classes),
    )
