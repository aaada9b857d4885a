"""The app downloads its model from the Hub when it starts."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.app.hub_release import REPO, release_files
from tests.app.served import serve
from tests.hub.server import Hub

pytestmark = pytest.mark.slow


def _downloads(hub: Hub) -> set[str]:
    """Return the names of the files that were downloaded."""
    files = [each for each in hub.requests if each.method == "GET" and "/resolve/" in each.path]
    return {each.path.rpartition("/")[2] for each in files}


def test_model_of_the_hub_is_served(hub: Hub, commit: str, hub_environment: Mapping[str, str]) -> None:
    """Model route, reading and readiness name repo and full commit; no Keras file is downloaded."""
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
        reading = app.read_pixels([[0] * 20] * 20)
        ready = app.get("/health/ready")
    assert (model["source"], model["repo"], model["revision"]) == ("hub", REPO, commit)
    assert (model["reason"], model["refused_updates"]) == (None, 0)
    assert reading["model"]["revision"] == commit
    assert ready == {"status": "ready", "source": "hub", "reason": None}
    assert _downloads(hub) == {"release.json", "reader.tflite", "line_reader.tflite"}


def test_revision_is_a_branch_a_tag_or_a_commit(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """After a new commit, the branch is the new commit; the tag and the old commit are unchanged."""
    hub.tag(REPO, "v1.0.0")
    newer = hub.commit(REPO, release_files(acceptance_threshold=0.5))
    for revision, expected in {"main": newer, "v1.0.0": commit, commit: commit}.items():
        with serve(hub_environment, model_repo=REPO, model_revision=revision) as app:
            assert app.get("/api/model")["revision"] == expected


def test_cached_model_is_not_downloaded_again(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """With a branch, the app only requests its commit; with a full commit, it sends no request."""
    with serve(hub_environment, model_repo=REPO):
        pass
    hub.requests.clear()
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == commit
    assert hub.requests
    assert not [each for each in hub.requests if "/resolve/" in each.path]
    hub.requests.clear()
    with serve(hub_environment, model_repo=REPO, model_revision=commit) as app:
        assert app.get("/api/model")["revision"] == commit
    assert hub.requests == []


def test_only_changed_files_of_a_new_commit_are_downloaded(
    hub: Hub, commit: str, hub_environment: Mapping[str, str]
) -> None:
    """For a release with the same reader, only release.json is downloaded."""
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == commit
    hub.requests.clear()
    newer = hub.commit(REPO, release_files(acceptance_threshold=0.5))
    with serve(hub_environment, model_repo=REPO) as app:
        assert app.get("/api/model")["revision"] == newer
    assert _downloads(hub) == {"release.json"}


def test_damaged_file_in_the_cache_is_downloaded_again(
    commit: str, hub_environment: Mapping[str, str]
) -> None:
    """A cached reader that was changed on disk is replaced."""
    with serve(hub_environment, model_repo=REPO):
        pass
    [reader] = Path(hub_environment["HF_HOME"]).glob("hub/**/snapshots/*/reader.tflite")
    reader.resolve().write_bytes(b"damaged")
    with serve(hub_environment, model_repo=REPO) as app:
        model = app.get("/api/model")
    assert (model["revision"], model["reason"]) == (commit, None)


def test_two_apps_share_one_cache(commit: str, hub_environment: Mapping[str, str]) -> None:
    """Two apps that start at once with the same empty cache both serve the release."""
    with serve(hub_environment, model_repo=REPO) as first, serve(hub_environment, model_repo=REPO) as second:
        assert first.get("/api/model")["revision"] == second.get("/api/model")["revision"] == commit


def test_page_links_to_the_commit(
    hub: Hub, commit: str, hub_environment: Mapping[str, str], browser: Browser
) -> None:
    """The footer names repo and full commit, and links to the commit on the Hub."""
    with serve(hub_environment, ui=1, model_repo=REPO) as app:
        page = browser.new_page()
        page.goto(app.url)
        link = page.locator("#model a")
        assert link.inner_text() == f"{REPO} at {commit}"
        assert link.get_attribute("href") == f"{hub.url}/{REPO}/tree/{commit}"
        page.close()
