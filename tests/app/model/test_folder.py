"""A release in a local folder is served, checked like a download, and replaced while the app runs."""

import os
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from time import monotonic, sleep
from typing import Any

import pytest

from tests.app.hub_release import release_files
from tests.app.served import Served, serve, start_and_fail

pytestmark = pytest.mark.slow

LIMIT_SECONDS = 30


@pytest.fixture
def environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}


def _write(folder: Path, **changes: Any) -> None:
    """Put a release in the place of an earlier one at once, as `train` does."""
    new = folder.with_name("new")
    new.mkdir()
    for name, content in release_files(**changes).items():
        (new / name).write_bytes(content)
    if folder.exists():
        folder.rename(folder.with_name(f"old-{monotonic()}"))
    new.rename(folder)


def _wait_for(app: Served, **expected: Any) -> None:
    end = monotonic() + LIMIT_SECONDS
    while not expected.items() <= app.get("/api/model").items():
        assert monotonic() < end, "the model is not as expected in time"
        sleep(0.1)


def test_a_local_release_is_served_until_another_takes_its_place(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    """A damaged release is refused, and the one before is still served; a good one replaces it."""
    folder = tmp_path / "release"
    _write(folder)
    with serve(environment, model_dir=folder, model_refresh_seconds=1) as app:
        first = app.get("/api/model")
        assert (first["source"], first["repo"]) == ("folder", None)
        _write(folder, format_version=99)
        _wait_for(app, refused_updates=1, revision=first["revision"])
        _write(folder, acceptance_threshold=0.7)
        _wait_for(app, acceptance_threshold=0.7, source="folder")
    assert str(folder) in app.log


def test_a_folder_without_a_complete_release_is_waited_for(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    """While the folder is missing or being copied, the release before is served, and nothing is refused."""
    folder = tmp_path / "release"
    _write(folder)
    with serve(environment, model_dir=folder, model_refresh_seconds=1) as app:
        first = app.get("/api/model")["revision"]
        rmtree(folder)
        sleep(2.5)
        files = release_files(acceptance_threshold=0.7)
        folder.mkdir()
        (folder / "release.json").write_bytes(files.pop("release.json"))
        sleep(2.5)
        _wait_for(app, refused_updates=0, revision=first)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        _wait_for(app, refused_updates=0, acceptance_threshold=0.7)
    assert "cannot be read" in app.log
    assert "not complete" in app.log


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "release.json"),
        ({"model_repo": "ann/digits"}, "DIGITS_MODEL_REPO"),
    ],
)
def test_a_folder_without_a_release_stops_the_start(
    environment: Mapping[str, str], tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    """The error is one line; so is that of a folder and a model on the Hub at once."""
    ended = start_and_fail(environment, model_dir=tmp_path, **settings)
    assert ended.returncode != 0
    (line,) = ended.stderr.splitlines()
    assert "DIGITS_MODEL_DIR" in line
    assert message in line
