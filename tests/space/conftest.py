"""The command against a Hub that holds a model."""

import pytest

from space import waiting
from tests.app.hub_release import release_files
from tests.hub.server import Hub
from tests.space.deploying import MODEL, Deploy


@pytest.fixture
def deploy(
    hub: Hub,
    client_settings: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Deploy:
    """The command, which need not wait long for what the Hub builds."""
    monkeypatch.setenv("HF_TOKEN", hub.token())
    monkeypatch.setattr(waiting, "_POLL_SECONDS", 0.01)
    return Deploy(hub, hub.commit(MODEL, release_files()), capsys)
