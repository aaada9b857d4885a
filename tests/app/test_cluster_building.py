"""What is deployed on a cluster, and what its proxies answer when no replica does; without a cluster."""

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


class _ServeThatGivesUp:
    """Ends without an answer, or after its head, as Serve's proxy does when a replica dies."""

    def __init__(self, *, after_head: bool) -> None:
        self._after_head = after_head

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Serve one connection."""
        if self._after_head:
            await send({"type": "http.response.start", "status": 200, "headers": []})


def _ask(app: ASGIApp, path: str = "/api/predict") -> httpx2.Response:
    return TestClient(Refusals(app)).post(path, headers={"X-Request-ID": "mine"})


@pytest.mark.parametrize("after_head", [False, True])
def test_request_that_died_with_its_replica_may_be_sent_again(after_head: bool) -> None:
    """It gets 503 with Retry-After in the shape of the API's errors, and its id."""
    answer = _ask(_ServeThatGivesUp(after_head=after_head))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
    assert (answer.headers["retry-after"], answer.headers["x-request-id"]) == ("1", "mine")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("status", [408, 503])
def test_refusals_of_serve_have_the_shape_of_the_api(status: int) -> None:
    """Too many wait, or too long: what Serve says in plain text is said as the API, or the protocol, does."""
    refusing = PlainTextResponse("Request dropped due to backpressure", status)
    assert _ask(refusing).json()["error"]["code"] == "busy"
    assert isinstance(_ask(refusing, "/v2/models/digits/infer").json()["error"], str)
    assert _ask(refusing, "/-/healthz").status_code == status


def test_answers_of_replicas_are_left_alone() -> None:
    """The app's own refusals go through as they are, with one id."""
    answer = _ask(JSONResponse({"a": 1}, 503, headers={"Retry-After": "7"}))
    assert (answer.json(), answer.headers["retry-after"]) == ({"a": 1}, "7")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("DIGITS_UI", "1", "python -m app"),
        ("DIGITS_MODEL_REFRESH_SECONDS", "60", "deploy again"),
        ("DIGITS_MAX_PIXELS", "x", "DIGITS_MAX_PIXELS"),
    ],
)
def test_settings_that_a_cluster_cannot_keep_are_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    """Whoever asks for a page, or for a look at the Hub now and then, is told what to do instead."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=said):
        deployment({})


def test_missing_ray_is_told_with_what_to_install() -> None:
    """One sentence, and the rest of the app does not miss it."""
    script = "import sys; sys.modules['ray'] = None; import app.application; import app.cluster"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ended.stderr.splitlines()[-1].endswith("pip install '.[cluster]'")
