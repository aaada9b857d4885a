"""The command against a stand-in Hub that has a model."""

import pytest

from space import space_repo
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
    """The command, with a short wait between requests for the Space's state."""
    monkeypatch.setenv("HF_TOKEN", hub.token())
    monkeypatch.setattr(space_repo, "_POLL_SECONDS", 0.01)
    return Deploy(hub, hub.commit(MODEL, release_files()), capsys)
