"""Liveness and readiness, before, while and after the model is loaded."""

import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings


def test_ready_only_while_the_model_is_loaded(settings: Settings) -> None:
    """The server lives all the time, and is ready between start and stop only."""
    app = create_app(settings)
    outside = TestClient(app)  # does not start the app
    assert outside.get("/health/live").json() == {"status": "live"}
    assert outside.get("/health/ready").status_code == 503
    with TestClient(app) as client:
        assert client.get("/health/ready").json() == {"status": "ready", "source": "bundled", "reason": None}
    assert outside.get("/health/ready").status_code == 503


def test_request_before_the_model_is_loaded_may_be_tried_again(settings: Settings) -> None:
    """Nothing can be read before the start, and the answer says when to try again."""
    answer = TestClient(create_app(settings)).post("/api/predict", json={"pixels": [[0]]})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "not_ready"
    assert int(answer.headers["Retry-After"]) > 0


def test_app_can_be_started_again(settings: Settings) -> None:
    """Stopped and started again, the app reads as before."""
    app = create_app(settings)
    for _ in range(2):
        with TestClient(app) as client:
            assert client.post("/api/predict", json={"pixels": [[0]]}).json()["text"] == ""


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_head_is_answered_as_monitors_expect(client: TestClient, path: str) -> None:
    """A monitor that asks for the head alone gets the status and no body."""
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
