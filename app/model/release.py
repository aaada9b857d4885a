"""Open and verify a release folder: the description of a model and its two readers."""

import binascii
import hashlib
import json
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.model.line_release import LineRelease, parse_line_release

BUNDLED_RELEASE = Path(__file__).parent / "bundled"
FORMAT_VERSION = 2
DESCRIPTION_FILE = "release.json"
READER_FILE = "reader.tflite"
LINE_READER_FILE = "line_reader.tflite"
RELEASE_FILES = (DESCRIPTION_FILE, READER_FILE, LINE_READER_FILE)  # that the app needs
_PICTURE_SIZE = 28  # of the pictures of the self-test
_LEAST_LABELS, _MOST_LABELS = 10, 64  # the page has a bar for each, and a letter in its links


class ReleaseError(Exception):
    """A release cannot be used; the message is the reason."""


class MissingFileError(ReleaseError):
    """A file of the release is missing."""


class DamagedFileError(ReleaseError):
    """A file of the release does not match `release.json`, or `release.json` is invalid."""


@dataclass(frozen=True)
class Origin:
    """The origin of a release.

    Attributes:
        source: the Hub, a local folder, or the folder bundled with the app.
        repo: `user/name` on the Hub.
        commit: the full commit there, or the sha256 of a local release.json.
        url: the commit's page on the Hub.
        reason: why this release is served instead of the one in the settings; None when it is that one.
    """

    source: Literal["hub", "folder", "bundled"] = "bundled"
    repo: str | None = None
    commit: str | None = None
    url: str | None = None
    reason: str | None = None

    def identify(self, sha256: str) -> dict[str, str | None]:
        """Return the fields that identify a model in JSON and batch rows; `sha256` is that of its reader."""
        return {"source": self.source, "repo": self.repo, "revision": self.commit, "sha256": sha256}


@dataclass(frozen=True)
class Metric:
    """One measured result, such as the accuracy 0.997 on the 10,000 digits of "MNIST test"."""

    dataset: str
    size: int
    metric: str
    value: float | tuple[float, ...]  # a tuple for an interval, or for one value per label


@dataclass(frozen=True)
class SelfTestCase:
    """One case of the self-test, with the reader's result on the machine where it was exported.

    Attributes:
        drawing: ink uint8 (N, N), 0 paper to 255 ink.
        probabilities: float64 (labels,).
        digit_score: 0..1.
    """

    drawing: NDArray[np.uint8]
    probabilities: NDArray[np.float64]
    digit_score: float


@dataclass(frozen=True)
class SelfTest:
    """What the reader must return on every machine, each number to within `tolerance`."""

    tolerance: float
    cases: tuple[SelfTestCase, ...]


@dataclass(frozen=True)
class Release:
    """A verified release.

    Attributes:
        name: the architecture's name.
        labels: the sign of each of the reader's probabilities, a single character.
        drawing_size: N of the reader's input, ink uint8 (1, N, N).
        acceptance_threshold: the lowest `digit_score`, 0..1, at which ink is accepted as a digit.
        temperature: of the temperature scaling that calibrates the probabilities.
        self_test: of the reader.
        metrics: measured when the release was made.
        reader_sha256: hexadecimal digest of `reader.tflite`.
        reader: the bytes of `reader.tflite`, kept so that the verified bytes are the ones that run.
        line: the line reader.
    """

    name: str
    labels: tuple[str, ...]
    drawing_size: int
    acceptance_threshold: float
    temperature: float
    self_test: SelfTest
    metrics: tuple[Metric, ...]
    reader_sha256: str
    reader: bytes
    line: LineRelease

    def describe_accuracy(self) -> str:
        """Return the accuracy as text, such as "99.7 % on MNIST test"; "" when none was measured."""
        accuracies = [metric for metric in self.metrics if metric.metric == "accuracy"]
        accuracies.sort(key=lambda metric: "test" not in metric.dataset)  # test sets first
        return f"{100 * accuracies[0].value:.4g} % on {accuracies[0].dataset}" if accuracies else ""


def open_release(folder: Path) -> Release:
    """Open the release in `folder` and verify its readers.

    Raises:
        MissingFileError: a file is missing.
        DamagedFileError: `release.json` is invalid, or a reader has another size or hash.
        ReleaseError: the format version is not the one that this app reads.
    """
    description = read_description(folder)
    try:
        readers = [_read_verified(folder / name, description["files"][name]) for name in RELEASE_FILES[1:]]
        return _parse(description, *readers)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(f"{DESCRIPTION_FILE} is invalid: {error!r}") from error


def read_description(folder: Path) -> dict[str, Any]:
    """Return the contents of `release.json`.

    Raises:
        MissingFileError: there is none.
        DamagedFileError: it is no JSON object with a format version.
        ReleaseError: the format version is not the one that this app reads.
    """
    try:
        description: dict[str, Any] = json.loads(_read(folder / DESCRIPTION_FILE))
        version = description["format_version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFileError(f"{DESCRIPTION_FILE} is invalid: {error!r}") from error
    if version != FORMAT_VERSION:
        advice = "Train and publish it again" if version == 1 else "Update the app"
        raise ReleaseError(
            f"the release has format version {version!r}; this app reads {FORMAT_VERSION}. {advice}."
        )
    return description


def _read_verified(path: Path, record: dict[str, Any]) -> bytes:
    reader = _read(path)
    if len(reader) != (size := record["size"]):
        raise DamagedFileError(f"{path.name} has {len(reader)} bytes, not {size} as in {DESCRIPTION_FILE}")
    verify_hash(reader, record["sha256"], name=path.name)
    return reader


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingFileError(f"the release has no readable {path.name}") from error


def verify_hash(reader: bytes, sha256: str, *, name: str) -> None:
    """Raise DamagedFileError when the bytes of the file `name` do not have the given hash."""
    if hashlib.sha256(reader).hexdigest() != sha256:
        raise DamagedFileError(f"{name} does not have the sha256 in {DESCRIPTION_FILE}")


def _parse(description: dict[str, Any], reader: bytes, line_reader: bytes) -> Release:
    batch, height, width = description["input"]["shape"]
    if batch != 1 or height != width or description["input"]["dtype"] != "uint8":
        raise ValueError(f"the reader's input is {description['input']}, not uint8 (1, N, N)")
    labels = _parse_labels(description["labels"])
    return Release(
        name=str(description["name"]),
        labels=labels,
        drawing_size=int(height),
        acceptance_threshold=float(description["acceptance_threshold"]),
        temperature=float(description["temperature"]),
        self_test=_parse_self_test(description["self_test"], drawing_size=int(height), labels=len(labels)),
        metrics=tuple(_parse_metric(metric) for metric in description["metrics"]),
        reader_sha256=str(description["files"][READER_FILE]["sha256"]),
        reader=reader,
        line=parse_line_release(
            description["line_reader"],
            line_reader,
            sha256=str(description["files"][LINE_READER_FILE]["sha256"]),
        ),
    )


def _parse_labels(given: list[Any]) -> tuple[str, ...]:
    """Return the labels, which are different signs: a character each that is no space."""
    labels = tuple(str(label) for label in given)
    are_signs = all(len(label) == 1 and label.isprintable() and not label.isspace() for label in labels)
    if not are_signs or not _LEAST_LABELS <= len(set(labels)) == len(labels) <= _MOST_LABELS:
        raise ValueError(
            f"the labels are {labels}, not {_LEAST_LABELS} to {_MOST_LABELS} different characters"
        )
    return labels


def _parse_metric(metric: dict[str, Any]) -> Metric:
    value = metric["value"]
    value = tuple(map(float, value)) if isinstance(value, list) else float(value)
    return Metric(str(metric["dataset"]), size=int(metric["size"]), metric=str(metric["metric"]), value=value)


def _parse_self_test(given: dict[str, Any], *, drawing_size: int, labels: int) -> SelfTest:
    cases = tuple(_parse_case(case, drawing_size=drawing_size, labels=labels) for case in given["cases"])
    if not cases:
        raise ValueError("the self-test has no cases")
    return SelfTest(tolerance=float(given["tolerance"]), cases=cases)


def _parse_case(given: dict[str, Any], *, drawing_size: int, labels: int) -> SelfTestCase:
    # Each pixel of the picture becomes a square of ink.
    try:
        pixels = np.frombuffer(b64decode(given["picture"], validate=True), np.uint8)
    except binascii.Error as error:
        raise ValueError("a picture of the self-test is not base64") from error
    picture = pixels.reshape(_PICTURE_SIZE, _PICTURE_SIZE)
    times = drawing_size // _PICTURE_SIZE
    return SelfTestCase(
        drawing=np.kron(picture, np.ones((times, times), np.uint8)),
        probabilities=np.array(given["probabilities"], float).reshape(labels),
        digit_score=float(given["digit_score"]),
    )
