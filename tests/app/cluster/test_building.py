"""The deployment for a cluster and the middleware of its proxies, without a cluster."""

import subprocess
import sys

import httpx2
import pytest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from app.cluster import deployment
from app.cluster.proxy import Refusals
from app.settings import SettingsError
from tests.conftest import PROJECT


class _DyingReplica:
    """Ends without a response, or after its start, as Serve's proxy does when a replica dies."""

    def __init__(self, *, after_start: bool) -> None:
        self._after_start = after_start

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Serve one connection."""
        if self._after_start:
            await send({"type": "http.response.start", "status": 200, "headers": []})


def _post(app: ASGIApp, path: str = "/api/predict") -> httpx2.Response:
    return TestClient(Refusals(app)).post(path, headers={"X-Request-ID": "mine"})


@pytest.mark.parametrize("after_start", [False, True])
def test_request_of_a_dead_replica_can_be_repeated(after_start: bool) -> None:
    """The response is 503 with Retry-After, in the format of the API's errors, with the id of the request."""
    response = _post(_DyingReplica(after_start=after_start))
    assert (response.status_code, response.json()["error"]["code"]) == (503, "busy")
    assert (response.headers["retry-after"], response.headers["x-request-id"]) == ("1", "mine")
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("status", [408, 503])
def test_errors_of_serve_have_the_format_of_the_api(status: int) -> None:
    """The error of the API or the protocol replaces Serve's plain text for a full queue or a timeout."""
    refusing = PlainTextResponse("Request dropped due to backpressure", status)
    assert _post(refusing).json()["error"]["code"] == "busy"
    assert isinstance(_post(refusing, "/v2/models/digits/infer").json()["error"], str)
    assert _post(refusing, "/-/healthz").status_code == status


def test_responses_of_replicas_are_not_changed() -> None:
    """A 503 of the app passes through."""
    response = _post(JSONResponse({"a": 1}, 503, headers={"Retry-After": "7"}))
    assert (response.json(), response.headers["retry-after"]) == ({"a": 1}, "7")


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("DIGITS_UI", "1", "python -m app"),
        ("DIGITS_MODEL_REFRESH_SECONDS", "60", "deploy again"),
        ("DIGITS_MAX_PIXELS", "x", "DIGITS_MAX_PIXELS"),
    ],
)
def test_settings_that_a_cluster_does_not_support_are_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, named: str
) -> None:
    """The page and the periodic refresh raise a SettingsError that names the alternative."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=named):
        deployment({})


@pytest.mark.slow
def test_missing_ray_is_named() -> None:
    """The message is the command that installs it; the rest of the app works without Ray."""
    script = "import sys; sys.modules['ray'] = None; import app.application; import app.cluster"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ended.stderr.splitlines()[-1].endswith("pip install '.[cluster]'")
