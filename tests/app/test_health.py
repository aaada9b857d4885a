"""Liveness and readiness before, while and after the model is loaded."""

import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings


def test_ready_only_while_the_model_is_loaded(settings: Settings) -> None:
    """The server is always live, and ready only between start and stop."""
    app = create_app(settings)
    outside = TestClient(app)  # does not start the app
    assert outside.get("/health/live").json() == {"status": "live"}
    assert outside.get("/health/ready").status_code == 503
    with TestClient(app) as client:
        assert client.get("/health/ready").json() == {"status": "ready", "source": "bundled", "reason": None}
    assert outside.get("/health/ready").status_code == 503


def test_request_before_the_model_is_loaded_gets_retry_after(settings: Settings) -> None:
    """Before the model is loaded, a request gets 503 with Retry-After."""
    answer = TestClient(create_app(settings)).post("/api/predict", json={"pixels": [[0]]})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "not_ready"
    assert int(answer.headers["Retry-After"]) > 0


def test_app_can_be_started_again(settings: Settings) -> None:
    """After a stop and a second start the app reads as before."""
    app = create_app(settings)
    for _ in range(2):
        with TestClient(app) as client:
            assert client.post("/api/predict", json={"pixels": [[0]]}).json()["text"] == ""


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_head_returns_the_status(client: TestClient, path: str) -> None:
    """HEAD gets the status without a body."""
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
