"""The app pulls its model from the Hub when it starts."""

from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser

from tests.app.hub_release import REPO, release_files
from tests.app.served import serve
from tests.hub.server import Hub


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
