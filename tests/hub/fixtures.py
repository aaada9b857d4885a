"""Fixtures with the stand-in for the Hub, for all packages' tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from tests.hub.server import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    """An empty Hub of this test's own."""
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture
def hub_environment(hub: Hub, tmp_path: Path) -> dict[str, str]:
    """Environment variables for a subprocess whose client asks `hub`, without a token."""
    return environment_of(hub, home=tmp_path / "hf")


def environment_of(hub: Hub, *, home: Path) -> dict[str, str]:
    """The same for a hub and a cache of the caller's."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DIGITS_", "HF_", "HUGGING"))
    }
    return environment | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        # Xet would send LFS files to a server of its own, with no way back.
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


@pytest.fixture
def client_settings(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The client's settings in this process as if it had been imported with `hub_environment`."""
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    address_of_a_file = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address_of_a_file)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf" / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "hf" / "token"))
    yield
    huggingface_hub.close_session()
