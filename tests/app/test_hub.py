"""The app pulls its model from the Hub when it starts, and survives the Hub's bad days."""

import json
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Browser

from app.model.release import BUNDLED_RELEASE
from tests.app.served import serve, start_in_vain
from tests.hub.faults import Fault
from tests.hub.server import Hub

REPO = "ann/digits"


def release_files(**changes: Any) -> dict[str, bytes]:
    """The files of a release, with changes to release.json, beside others that the app must leave alone."""
    files = {path.name: path.read_bytes() for path in BUNDLED_RELEASE.iterdir() if path.is_file()}
    description = json.loads(files["release.json"]) | changes
    return files | {"release.json": json.dumps(description).encode(), "model.keras": b"pickled evil" * 1000}


@pytest.fixture
def commit(hub: Hub) -> str:
    """A release on the Hub; its full commit."""
    return hub.commit(REPO, release_files())


def _fetched(hub: Hub) -> set[str]:
    return {request.path.rsplit("/", 1)[-1] for request in hub.requests if "/resolve/" in request.path}


def test_the_model_comes_from_the_hub(hub: Hub, commit: str, hub_environment: Mapping[str, str]) -> None:
    """Model route, readings and readiness name repo and full commit, and no Keras file is fetched."""
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
        reading = app.read_pixels([[0] * 20] * 20)
        ready = app.get("/health/ready")
    assert (model["source"], model["repo"], model["revision"]) == ("hub", REPO, commit)
    assert (model["reason"], model["refused_updates"]) == (None, 0)
    assert reading["model"]["revision"] == commit
    assert ready == {"status": "ready", "source": "hub", "reason": None}
    assert _fetched(hub) == {"release.json", "reader.tflite"}


def test_branch_tag_and_commit_are_followed(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """The tag and the commit stay where they are when the branch moves on."""
    hub.tag(REPO, "v1.0.0", revision="main")
    newer = hub.commit(REPO, release_files(acceptance_threshold=0.5))
    for revision, expected in {"main": newer, "v1.0.0": commit, commit: commit}.items():
        with serve(hub_environment, model_repo=REPO, model_revision=revision) as app:
            assert app.get("/api/model")["revision"] == expected


def test_a_start_with_a_warm_cache_fetches_nothing(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """Only what the branch stands for is asked; with a full commit, nothing at all."""
    with serve(hub_environment, model_repo=REPO):
        pass
    hub.requests.clear()
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == commit
    assert _fetched(hub) == set()
    hub.requests.clear()
    with serve(hub_environment, model_repo=REPO, model_revision=commit) as app:
        assert app.get("/api/model")["revision"] == commit
    assert hub.requests == []


def test_of_a_new_commit_only_what_changed_is_fetched(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """A release with the same reader costs its description alone."""
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == commit
    hub.requests.clear()
    newer = hub.commit(REPO, release_files(acceptance_threshold=0.5))
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == newer
    got = [
        request.path for request in hub.requests if request.method == "GET" and "/resolve/" in request.path
    ]
    assert [path.rsplit("/", 1)[-1] for path in got] == ["release.json"]


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
    hub.heal()
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


def test_a_damaged_cache_is_fetched_again(commit: str, hub_environment: Mapping[str, str]) -> None:
    """A cached reader that was changed on the disk is noticed and replaced."""
    with serve(hub_environment, model_repo=REPO):
        pass
    [blob] = Path(hub_environment["HF_HOME"]).glob("hub/**/snapshots/*/reader.tflite")
    blob.resolve().write_bytes(b"damaged")
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert (model["revision"], model["reason"]) == (commit, None)


def test_two_apps_share_one_cache(commit: str, hub_environment: Mapping[str, str]) -> None:
    """Started at once on an empty cache, both serve the release."""
    with serve(hub_environment, model_repo=REPO) as one, serve(hub_environment, model_repo=REPO) as other:
        assert one.get("/api/model")["revision"] == other.get("/api/model")["revision"] == commit


def test_the_page_names_and_links_the_commit(
    hub: Hub, commit: str, hub_environment: Mapping[str, str], browser: Browser
) -> None:
    """The footer holds repo and full commit, as a link to where one can look at it."""
    with serve(hub_environment, ui=1, model_repo=REPO) as app:
        page = browser.new_page()
        page.goto(app.url)
        link = page.locator("#model a")
        assert link.inner_text() == f"{REPO} at {commit}"
        assert link.get_attribute("href") == f"{hub.url}/{REPO}/tree/{commit}"
        page.close()
