"""The app survives the Hub's bad days: it starts with the last good release, or with the bundled one."""

import json
from collections.abc import Mapping
from time import monotonic
from typing import Any

import pytest

from tests.app.hub_release import REPO, release_files
from tests.app.served import serve, start_in_vain
from tests.hub.faults import Fault
from tests.hub.server import Hub


def test_without_a_hub_the_last_good_release_is_served(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """Its commit is named, and the reason stands in the model route, in readiness and in the log."""
    with serve(hub_environment, model_repo=REPO):
        pass
    hub.stop()
    with serve(hub_environment, model_repo=REPO, model_required=1) as app:
        model, ready = app.get("/api/model"), app.get("/health/ready")
    assert (model["source"], model["revision"]) == ("hub", commit)
    assert "cannot be reached" in model["reason"]
    assert ready["reason"] == model["reason"]
    assert "last good release" in app.log


def test_offline_the_hub_is_not_asked(hub: Hub, commit: str, hub_environment: Mapping[str, str]) -> None:
    """With HF_HUB_OFFLINE=1 the last good release is served without a request."""
    with serve(hub_environment, model_repo=REPO):
        pass
    hub.requests.clear()
    with serve({**hub_environment, "HF_HUB_OFFLINE": "1"}, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert (model["source"], model["revision"]) == ("hub", commit)
    assert "HF_HUB_OFFLINE" in model["reason"]
    assert hub.requests == []


def _newer_format() -> dict[str, bytes]:
    return release_files(format_version=999)


def _wrong_hash() -> dict[str, bytes]:
    files = release_files()
    return files | {"reader.tflite": bytes([files["reader.tflite"][0] ^ 1]) + files["reader.tflite"][1:]}


def _failing_self_test() -> dict[str, bytes]:
    files = release_files()
    test = json.loads(files["release.json"])["self_test"]
    test["cases"][3]["probabilities"] = [0.1] * 10
    return release_files(self_test=test)


def _no_release() -> dict[str, bytes]:
    return {"README.md": b"Something else."}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (_newer_format, "Update the app"),
        (_wrong_hash, "another sha256"),
        (_failing_self_test, "fails its self-test"),
        (_no_release, "lacks a file"),
    ],
)
def test_a_release_that_cannot_be_used_is_refused(
    hub: Hub, hub_environment: Mapping[str, str], files: Any, reason: str
) -> None:
    """The bundled one is served, and the reason says what is wrong with the other."""
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
        ({"model_repo": "ann/nothing"}, None, "no model ann/nothing"),
        ({"model_repo": REPO, "model_revision": "v9"}, None, "no revision v9"),
        ({"model_repo": REPO}, "hf_wrong", "token"),
    ],
)
def test_what_the_hub_does_not_give_is_told(
    commit: str,
    hub_environment: Mapping[str, str],
    settings: dict[str, str],
    token: str | None,
    reason: str,
) -> None:
    """A wrong repo, revision or token is a reason; where the model is required, one sentence and exit 1."""
    environment = {**hub_environment, **({"HF_TOKEN": token} if token else {})}
    with serve(environment, **settings) as app:
        assert reason in app.get("/api/model")["reason"]
    ended = start_in_vain(environment, **settings, model_required=1)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert reason in line
    assert "DIGITS_MODEL_REQUIRED" in line
    assert commit not in line


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="/resolve/", method="GET", cut=1000),
        Fault(path="/resolve/", drop=True),
        Fault(path="/api/models/", status=500),
    ],
    ids=["cut off", "dropped", "broken"],
)
def test_a_hub_that_breaks_off_is_a_reason(
    hub: Hub, commit: str, hub_environment: Mapping[str, str], fault: Fault
) -> None:
    """However the Hub fails, the app is there within its ten seconds, and a healed Hub serves again."""
    hub.inject(fault)
    began = monotonic()
    with serve(hub_environment, model_repo=REPO) as app:
        waited = monotonic() - began
        model = app.get("/api/model")
    assert model["source"] == "bundled"
    assert model["reason"]
    assert waited < 20  # ten for the Hub, the rest for the process on a busy machine
    hub.clear_faults()
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == commit


def test_a_slow_hub_is_not_waited_for(hub: Hub, commit: str, hub_environment: Mapping[str, str]) -> None:
    """A Hub that takes half a minute is given ten seconds; the app starts with the bundled release."""
    hub.inject(Fault(path="/api/models/", wait=30))
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert model["source"] == "bundled"
    assert "within 10 seconds" in model["reason"]
    assert commit not in model["reason"]
