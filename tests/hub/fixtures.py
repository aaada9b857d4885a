"""Fixtures with the stand-in Hub, for the tests of all packages."""

import os
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from tests.hub.server import Hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A running stand-in Hub without repos."""
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture
def hub_environment(hub: Hub, tmp_path: Path) -> dict[str, str]:
    """Environment variables of a subprocess that uses `hub`, without a token."""
    return environment_of(hub, home=tmp_path / "hf")


def environment_of(hub: Hub, *, home: Path) -> dict[str, str]:
    """Return environment variables of a subprocess that uses `hub` and the cache in `home`."""
    ours = ("DIGITS_", "HF_", "HUGGING")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return environment | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        # With Xet, the client uploads LFS files to another server.
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


@pytest.fixture
def client_settings(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of `hub_environment` for the client in this process."""
    file_url = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", file_url)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf" / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "hf" / "token"))
    yield
    huggingface_hub.close_session()
