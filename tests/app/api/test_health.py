"""Liveness and readiness before, while and after the model is loaded."""

import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings


def test_ready_only_while_the_model_is_loaded(settings: Settings) -> None:
    """The server is always live; it is ready, and reads, only between start and stop."""
    app = create_app(settings)
    outside = TestClient(app)  # does not start the app
    assert outside.get("/health/live").json() == {"status": "live"}
    early = outside.post("/api/predict", json={"pixels": [[0]]})
    for refused in (early, outside.get("/health/ready")):
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_ready")
        assert int(refused.headers["Retry-After"]) > 0
    with TestClient(app) as client:
        assert client.get("/health/ready").json() == {"status": "ready", "source": "bundled", "reason": None}
    assert outside.get("/health/ready").status_code == 503


def test_app_can_be_started_again(settings: Settings) -> None:
    """After a stop and a second start the app reads as before."""
    app = create_app(settings)
    for _ in range(2):
        with TestClient(app) as client:
            assert client.post("/api/predict", json={"pixels": [[0]]}).json()["text"] == ""


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_head_returns_the_status(client: TestClient, path: str) -> None:
    """HEAD gets the status without a body."""
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")
