"""A release is verified before it is used."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.model.release import (
    BUNDLED_RELEASE,
    DamagedFileError,
    MissingFileError,
    ReleaseError,
    open_release,
)
from app.recognition.readers.digit_reader import DigitReader, ReaderError
from app.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the bundled release, to be damaged."""
    return copytree(BUNDLED_RELEASE, tmp_path / "release")


def _rewrite(folder: Path, **changes: Any) -> None:
    path = folder / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_bundled_release_is_valid() -> None:
    """The bundled release passes its verification and has an accuracy."""
    release = open_release(BUNDLED_RELEASE)
    assert release.labels == tuple("0123456789")
    assert release.describe_accuracy().endswith("% on MNIST test")


@pytest.mark.parametrize("name", ["release.json", "reader.tflite", "line_reader.tflite"])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    """The message names a missing file."""
    (folder / name).unlink()
    with pytest.raises(MissingFileError, match=name):
        open_release(folder)


@pytest.mark.parametrize("name", ["reader.tflite", "line_reader.tflite"])
@pytest.mark.parametrize(("change", "named"), [(slice(-1, None), "bytes"), (slice(1000, 1001), "sha256")])
def test_changed_reader_is_refused(folder: Path, change: slice, named: str, name: str) -> None:
    """A reader that is too short, or has other content, fails the check of its size or hash."""
    path = folder / name
    content = bytearray(path.read_bytes())
    content[change] = b"" if named == "bytes" else bytes([content[1000] ^ 1])
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=named):
        open_release(folder)


@pytest.mark.parametrize(("version", "advice"), [(1, "Train"), (3, "Update the app")])
def test_other_format_is_refused(folder: Path, version: int, advice: str) -> None:
    """A release of another format version is refused, and the message is what to do."""
    _rewrite(folder, format_version=version)
    (folder / "line_reader.tflite").unlink()  # which format 1 has not
    with pytest.raises(ReleaseError, match=rf"version {version}.*{advice}"):
        open_release(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"text"', '{"format_version": 2}'])
def test_invalid_description_is_refused(folder: Path, text: str) -> None:
    """A `release.json` that is not JSON or lacks fields is refused."""
    (folder / "release.json").write_text(text)
    with pytest.raises(DamagedFileError, match=r"release\.json"):
        open_release(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["a", "b"]},
        {"labels": list("0123456788")},
        {"labels": ["10", *"123456789"]},
        {"labels": [" ", *"123456789"]},
        {"labels": list("0123456789A")},  # as many as the self-test has not
        {"input": {"name": "ink", "shape": [1, 112, 100], "dtype": "uint8"}},
        {"input": {"name": "ink", "shape": [1, 112, 112], "dtype": "float32"}},
        {"acceptance_threshold": "high"},
        {"files": {}},
        {"metrics": [{"dataset": "MNIST test"}]},
    ],
)
def test_description_of_another_model_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    """A `release.json` of a model that the app cannot run is refused."""
    _rewrite(folder, **changes)
    with pytest.raises(DamagedFileError):
        open_release(folder)


def test_reader_that_does_not_run_is_refused() -> None:
    """Bytes that are not a LiteRT model, and a model with another input size, are refused."""
    with pytest.raises(ReaderError):
        DigitReader(b"not a model", drawing_size=112)
    with pytest.raises(ReaderError):
        DigitReader(open_release(BUNDLED_RELEASE).reader, drawing_size=100)


def test_app_does_not_start_with_a_damaged_release(folder: Path, settings: Settings) -> None:
    """The app does not start with a damaged release."""
    (folder / "reader.tflite").write_bytes(b"")
    with pytest.raises(ReleaseError), TestClient(create_app(settings, release_folder=folder)):
        pass


def test_model_route_describes_the_release(client: TestClient) -> None:
    """`GET /api/model` returns the values of `release.json`."""
    response = client.get("/api/model").json()
    written = json.loads((BUNDLED_RELEASE / "release.json").read_text())
    for name in ("name", "labels", "acceptance_threshold", "temperature", "metrics"):
        assert response[name] == written[name]
    assert response["drawing_size"] == written["input"]["shape"][1]
    assert response["sha256"] == written["files"]["reader.tflite"]["sha256"]
    assert (response["source"], response["repo"], response["revision"]) == ("bundled", None, None)
