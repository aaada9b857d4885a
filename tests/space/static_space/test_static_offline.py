"""The static page without a network, installed, and after a later deployment."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.model.release import BUNDLED_RELEASE
from space.model import RELEASE_FILE
from tests.app.ui.pen import Pen, side_by_side
from tests.space.static_space.conftest import READY, OpenStatic
from tests.space.static_space.folders import serve_folder, write_page

pytestmark = pytest.mark.slow


def _expect_stored(page: Page) -> None:
    expect(page.locator("#offline")).to_have_text("Works without a network now.", timeout=20_000)


def _visit(context: BrowserContext, url: str) -> Page:
    """Open the page in a new tab, and wait until it is stored."""
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#status")).to_have_text(READY, timeout=20_000)
    _expect_stored(page)
    return page


def test_second_visit_needs_no_network(open_static: OpenStatic, static_folder: Path) -> None:
    """Without server and network the page opens again and reads a drawing."""
    with serve_folder(static_folder) as url:
        page = open_static(url)
        _expect_stored(page)
    page.context.set_offline(True)
    again = _visit(page.context, url + "index.html?from=home")
    expect(again.get_by_role("button", name="Example: 2026")).to_be_visible()
    Pen(again).draw(side_by_side("42"))
    expect(again.locator("#answer")).to_have_text("42")


def test_later_deployment_replaces_the_earlier(
    open_static: OpenStatic, static_folder: Path, tmp_path: Path, model_url: str
) -> None:
    """The later page is served once no tab has the earlier one open, and the earlier files are deleted."""
    folder = shutil.copytree(static_folder, tmp_path / "page")
    with serve_folder(folder) as url:
        page = open_static(url)
        context = page.context
        _expect_stored(page)
        before = page.evaluate("caches.keys()")
        shutil.rmtree(folder)
        write_page(folder, endpoint=model_url, release=_release_with_other_scores(tmp_path))
        page.evaluate(
            """async () => {
                const registration = await navigator.serviceWorker.ready;
                await registration.update();
                const later = registration.waiting ?? registration.installing;
                while (later.state !== "installed") await new Promise((resume) => setTimeout(resume, 20));
            }"""
        )
        page.close()
        later = _visit(context, url)
        if "(7 pictures)" not in later.locator(".page-footer-line").inner_text():
            later.close()  # it was opened before the browser had closed the earlier one
            later = _visit(context, url)
        expect(later.locator(".page-footer-line")).to_contain_text("(7 pictures)")
        after = later.evaluate("caches.keys()")
    assert len(before) == len(after) == 2
    assert set(before) & set(after) == {"reader"}


def test_page_can_be_installed(open_static: OpenStatic) -> None:
    """Chromium finds no error in the manifest and nothing else that prevents an installation."""
    page = open_static()
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["name"] == "Handwritten digits"
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Playwright's contexts are private windows, in which nothing can be installed.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}


def _release_with_other_scores(folder: Path) -> Path:
    release = shutil.copytree(BUNDLED_RELEASE, folder / "release")
    description = json.loads((release / RELEASE_FILE).read_text())
    description["metrics"] = [{"dataset": "a test", "size": 7, "metric": "accuracy", "value": 1.0}]
    (release / RELEASE_FILE).write_text(json.dumps(description))
    return release
