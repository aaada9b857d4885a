"""Fixtures shared by the tests of several packages: the app, in this process and as a server, and digits."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

from app.application import create_app
from app.model.loading import load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.recognition.recognizer import Recognizer
from app.settings import Settings

pytest_plugins = ["tests.app.ui.tool_clients", "tests.browser", "tests.hub.fixtures"]

PROJECT = Path(__file__).parent.parent


# The first one makes the small release, for which other files of the training wait. The others take at least
# ten seconds each.
_FIRST = (
    *("test_train.py", "test_page_drawing.py", "test_page_access.py", "test_generated_requests.py"),
    *("test_finetune.py", "test_improve.py", "test_new_labels.py", "test_study.py", "test_page_boxes.py"),
    *("test_page_photo.py", "test_page_share.py", "test_page_explanation.py", "test_page.py"),
    *("test_page_failures.py", "test_page_hand.py", "test_page_languages.py", "test_walkthrough.py"),
    *("test_page_corrections.py", "test_resume.py", "test_reader_export.py", "test_static_model.py"),
    *("test_prefix.py", "test_run.py", "test_line_reader_export.py", "test_workers.py", "test_crash.py"),
    *("test_static_offline.py", "test_documents.py", "test_static_agreement.py", "test_wheel.py"),
    "test_publish.py",
)


def pytest_collection_finish() -> None:
    """Exempt the objects of all imports from garbage collection: it would take one second in twenty."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow files first: pytest-xdist hands out files in this order, and all processes end together."""
    places = {name: place for place, name in enumerate(_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@dataclass(frozen=True)
class Digits:
    """Handwritten digits: images uint8 (n, 28, 28), 0 paper to 255 ink, and labels uint8 (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


@pytest.fixture(scope="session")
def digits() -> Digits:
    """Return the first 1,000 digits of MNIST's test set."""
    with np.load(PROJECT / "tests" / "data" / "mnist_sample.npz") as sample:
        return Digits(sample["images"], sample["labels"])


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """Return the path of MNIST, from DIGITS_TEST_MNIST or a usual place; skip the test without the file."""
    keras, shared = Path.home() / ".keras" / "datasets", PROJECT.parent / "shared" / "mnist"
    named = os.environ.get("DIGITS_TEST_MNIST")
    paths = [Path(named)] if named else [keras / "mnist.npz", shared / "mnist.npz"]
    found = next((path for path in paths if path.is_file()), None)
    return found or pytest.skip("no MNIST file: set DIGITS_TEST_MNIST")


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Return settings with small limits, which tests can exceed, and without the page."""
    return Settings(ui=False, max_body_bytes=2**20, max_pixels=16_000_000)


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    """Return the recogniser of the bundled release, as the server reads with it."""
    return load_release(open_release(BUNDLED_RELEASE), Origin()).recognizer


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[TestClient]:
    """Start the real app with the bundled release, in this process."""
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="session")
def given_corrections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which `server` stores corrections."""
    return tmp_path_factory.mktemp("corrections")


@pytest.fixture(scope="session")
def server(given_corrections: Path) -> Iterator[str]:
    """Start a real `python -m app` with page, API and corrections, and return its URL."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    environment |= {"DIGITS_DRAIN_SECONDS": "0", "DIGITS_CORRECTIONS_DIR": str(given_corrections)}
    command = [sys.executable, "-m", "app", "--port", "0"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()  # printed when the server is ready
            assert "http://" in line, "the server ended before it was ready"
            yield "http://" + line.split("http://")[1].split()[0]
        finally:
            process.terminate()
