"""Fixtures that several packages' tests share: the real app, in this process and as a server, and digits."""

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
from app.settings import Settings

pytest_plugins = ["tests.app.tool_clients", "tests.browser", "tests.hub.fixtures"]

PROJECT = Path(__file__).parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the training first: its files take longest, and processes take files in this order.

    The file that trains for longest begins, and with what all others there wait for: the small release.
    """
    items.sort(key=lambda item: (item.path.name != "test_train.py", "model_training" not in item.path.parts))


@dataclass(frozen=True)
class Digits:
    """Handwritten digits: images uint8 (n, 28, 28), 0 paper to 255 ink, and labels uint8 (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


@pytest.fixture(scope="session")
def digits() -> Digits:
    """The first 1,000 digits of MNIST's test set."""
    with np.load(PROJECT / "tests" / "data" / "mnist_sample.npz") as sample:
        return Digits(sample["images"], sample["labels"])


@pytest.fixture(scope="session")
def mnist_file() -> Path:
    """The real MNIST, where this machine has it: where DIGITS_TEST_MNIST says, or in a usual place."""
    named = os.environ.get("DIGITS_TEST_MNIST")
    places = (
        [Path(named)]
        if named
        else [
            Path.home() / ".keras" / "datasets" / "mnist.npz",
            PROJECT.parent / "shared" / "mnist" / "mnist.npz",
        ]
    )
    found = next((place for place in places if place.is_file()), None)
    return found or pytest.skip("no MNIST file: set DIGITS_TEST_MNIST")


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Small limits, so that tests can go beyond them, and no page."""
    return Settings(ui=False, max_body_bytes=2**20, max_pixels=16_000_000)


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[TestClient]:
    """The real app with the bundled release, started."""
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a real `python -m app` with page and API."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    environment["DIGITS_DRAIN_SECONDS"] = "0"
    command = [sys.executable, "-m", "app", "--port", "0"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()  # it says where it is when it is ready
            assert "http://" in said, "the server ended before it was ready"
            yield "http://" + said.split("http://")[1].split()[0]
        finally:
            process.terminate()
