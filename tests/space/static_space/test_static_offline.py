"""The static page without a network, installed, and after a later deployment."""

import json
import shutil
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from app.model.release import BUNDLED_RELEASE
from space.model import RELEASE_FILE
from tests.app.pen import Pen, side_by_side
from tests.space.static_space.conftest import READY, OpenStatic
from tests.space.static_space.folders import serve_folder, write_page


def _visit(context: BrowserContext, url: str) -> Page:
    """Open the page in a tab, and wait until all of it is kept."""
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#status")).to_have_text(READY, timeout=20_000)
    expect(page.locator("#offline")).to_have_text("Works without a network now.", timeout=20_000)
    return page


def test_second_visit_needs_no_network(open_static: OpenStatic, static_folder: Path) -> None:
    """With server and network gone, the page opens again and reads what is drawn."""
    with serve_folder(static_folder) as url:
        page = open_static(url=url)
        expect(page.locator("#offline")).to_have_text("Works without a network now.", timeout=20_000)
    page.context.set_offline(True)
    again = _visit(page.context, url)
    Pen(again).draw(side_by_side("42"))
    expect(again.locator("#answer")).to_have_text("42")
    expect(again.get_by_role("button", name="Example: 2026")).to_be_visible()


def test_later_deployment_takes_over_and_leaves_nothing(
    open_static: OpenStatic, static_folder: Path, tmp_path: Path, model_url: str
) -> None:
    """Once no tab of the earlier page is open, the later one is served; nothing is kept of the earlier."""
    folder = shutil.copytree(static_folder, tmp_path / "page")
    with serve_folder(folder) as url:
        page = open_static(url=url)
        context = page.context
        expect(page.locator("#offline")).to_have_text("Works without a network now.", timeout=20_000)
        before = page.evaluate("caches.keys()")
        shutil.rmtree(folder)
        write_page(folder, endpoint=model_url, release=_release_with_other_scores(tmp_path))
        page.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
        page.evaluate(
            """async () => {
                const { waiting, installing } = await navigator.serviceWorker.ready;
                const later = waiting ?? installing;
                while (later.state !== "installed") await new Promise((resume) => setTimeout(resume, 20));
            }"""
        )
        page.close()
        later = _visit(context, url)
        if "of 7 read right" not in later.locator(".page-footer-line").inner_text():
            later.close()  # it was opened before the browser was through with the closing of the earlier one
            later = _visit(context, url)
        expect(later.locator(".page-footer-line")).to_contain_text("of 7 read right")
        after = later.evaluate("caches.keys()")
    assert len(before) == len(after) == 2
    assert set(before) & set(after) == {"reader"}


def test_browser_would_install_the_page(open_static: OpenStatic) -> None:
    """Chromium finds nothing that keeps the page from being installed, and nothing wrong in its manifest."""
    page = open_static()
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["name"] == "Handwritten digits"
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Playwright's contexts are private windows, in which nothing is ever installed.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}


def _release_with_other_scores(folder: Path) -> Path:
    release = shutil.copytree(BUNDLED_RELEASE, folder / "release")
    description = json.loads((release / RELEASE_FILE).read_text())
    description["metrics"] = [{"dataset": "a test", "size": 7, "metric": "accuracy", "value": 1.0}]
    (release / RELEASE_FILE).write_text(json.dumps(description))
    return release
