"""When the Hub fails, the app starts with the last known good release, or with the bundled release."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest

from tests.app.hub_release import REPO, release_files
from tests.app.served import serve, start_and_fail
from tests.hub.faults import Fault
from tests.hub.server import Hub

pytestmark = pytest.mark.slow


def test_last_known_good_release_is_served_without_the_hub(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """The model route, readiness and the log give the reason; the model route and the log name the commit."""
    with serve(hub_environment, model_repo=REPO):
        pass
    hub.stop()
    with serve(hub_environment, model_repo=REPO, model_required=1) as app:
        model, ready = app.get("/api/model"), app.get("/health/ready")
    assert (model["source"], model["revision"]) == ("hub", commit)
    assert "cannot be reached" in model["reason"]
    assert ready["reason"] == model["reason"]
    assert model["reason"] in app.log
    assert commit in app.log


def test_offline_app_sends_no_request(hub: Hub, commit: str, hub_environment: Mapping[str, str]) -> None:
    """With HF_HUB_OFFLINE=1, the last known good release is served without a request to the Hub."""
    with serve(hub_environment, model_repo=REPO):
        pass
    hub.requests.clear()
    with serve({**hub_environment, "HF_HUB_OFFLINE": "1"}, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert (model["source"], model["revision"]) == ("hub", commit)
    assert "HF_HUB_OFFLINE" in model["reason"]
    assert hub.requests == []


@pytest.mark.parametrize("offline", [True, False], ids=["offline", "unreachable"])
def test_downloaded_release_is_served_without_the_hub(
    hub: Hub, commit: str, hub_environment: Mapping[str, str], *, offline: bool
) -> None:
    """A cache that `hf download` has filled is enough; no commit was ever served before."""
    command = [sys.executable, "-m", "huggingface_hub.cli.hf", "download", REPO]
    subprocess.run(command, env=os.environ | hub_environment, capture_output=True, check=True)
    hub.stop()
    with serve({**hub_environment, "HF_HUB_OFFLINE": str(int(offline))}, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert (model["source"], model["revision"]) == ("hub", commit)


def _newer_format() -> dict[str, bytes]:
    return release_files(format_version=999)


def _wrong_hash() -> dict[str, bytes]:
    files = release_files()
    return files | {"reader.tflite": bytes([files["reader.tflite"][0] ^ 1]) + files["reader.tflite"][1:]}


def _failing_self_test() -> dict[str, bytes]:
    self_test = json.loads(release_files()["release.json"])["self_test"]
    self_test["cases"][3]["probabilities"] = [0.1] * 10
    return release_files(self_test=self_test)


def _no_release() -> dict[str, bytes]:
    return {"README.md": b"Something else."}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (_newer_format, "Update the app"),
        (_wrong_hash, "sha256"),
        (_failing_self_test, "self-test"),
        (_no_release, "a file is missing"),
    ],
)
def test_invalid_release_is_refused(
    hub: Hub, hub_environment: Mapping[str, str], files: Callable[[], dict[str, bytes]], reason: str
) -> None:
    """The bundled release is served; the model route and the log give the reason, without a traceback."""
    hub.commit(REPO, files())
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
        assert app.read_pixels([[0] * 20] * 20)["model"]["source"] == "bundled"
    assert (model["source"], model["revision"]) == ("bundled", None)
    assert reason in model["reason"]
    assert reason in app.log
    assert "Traceback" not in app.log


@pytest.mark.parametrize(
    ("settings", "token", "reason"),
    [
        ({"model_repo": "ann/nothing"}, None, "ann/nothing"),
        ({"model_repo": "ann/no--name"}, None, "not a valid name"),
        ({"model_repo": REPO, "model_revision": "v9"}, None, "no revision v9"),
        ({"model_repo": REPO}, "hf_wrong", "token"),
    ],
)
def test_wrong_setting_is_the_reason(
    commit: str, hub_environment: Mapping[str, str], settings: dict[str, str], token: str | None, reason: str
) -> None:
    """A wrong repo, revision or token is the reason; with a required model, the start ends with one line."""
    environment = {**hub_environment, **({"HF_TOKEN": token} if token else {})}
    with serve(environment, **settings) as app:
        assert reason in app.get("/api/model")["reason"]
    ended = start_and_fail(environment, **settings, model_required=1)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert reason in line
    assert "DIGITS_MODEL_REQUIRED" in line
    assert commit not in line


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(path="/resolve/", method="GET", cut=1000), id="cut"),
        pytest.param(Fault(path="/resolve/", drop=True), id="dropped"),
        pytest.param(Fault(path="/api/models/", status=500), id="status 500"),
        pytest.param(Fault(path="/resolve/", status=200, body="<html>Log in"), id="HTML files"),
        pytest.param(Fault(path="/api/models/", status=200, body="<html>Log in"), id="HTML API"),
    ],
)
def test_app_starts_although_the_hub_fails(
    hub: Hub, commit: str, hub_environment: Mapping[str, str], fault: Fault
) -> None:
    """The bundled release is served with a reason; the next start finds the release of the Hub."""
    hub.inject(fault)
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert model["source"] == "bundled"
    assert model["reason"]
    hub.clear_faults()
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == commit


def test_start_has_a_time_limit_for_the_hub(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """When the Hub does not respond within 10 seconds, the app starts with the bundled release."""
    hub.inject(Fault(path="/api/models/", wait=30))
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert model["source"] == "bundled"
    assert "within 10 seconds" in model["reason"]
    assert commit not in model["reason"]
