"""The page as an app of its own: what a browser needs to install it."""

import json
from io import BytesIO
from urllib.parse import urljoin

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.app.conftest import OpenPage


def test_browser_would_install_the_page(page: Page) -> None:
    """Chromium finds nothing that keeps the page from being installed, and nothing wrong in its manifest."""
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["name"] == "Handwritten digits"
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Playwright's contexts are private windows, in which nothing is ever installed.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}


def test_installed_page_starts_where_the_page_is(server: str) -> None:
    """The manifest's start and scope are the page itself, wherever it is mounted."""
    url = f"{server}/ui/manifest.webmanifest"
    answer = httpx2.get(url)
    assert answer.headers["content-type"] == "application/manifest+json"
    assert {urljoin(url, answer.json()[key]) for key in ("start_url", "scope", "id")} == {f"{server}/"}


def test_icons_have_the_sizes_that_the_manifest_says(server: str) -> None:
    """Each PNG icon is as large as it is said to be; one is made to be cut to any shape."""
    url = f"{server}/ui/manifest.webmanifest"
    icons = [icon for icon in httpx2.get(url).json()["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in icons} == {"192x192", "512x512"}
    assert any(icon.get("purpose") == "maskable" for icon in icons)
    for icon in icons:
        picture = Image.open(BytesIO(httpx2.get(urljoin(url, icon["src"])).content))
        assert "{}x{}".format(*picture.size) == icon["sizes"]


@pytest.mark.parametrize(
    ("path", "scheme", "colour"),
    [("/", "light", "#faf8f4"), ("/", "dark", "#15161a"), ("/?__theme=dark", "light", "#15161a")],
)
def test_browser_frame_has_the_colour_of_the_page(
    open_page: OpenPage, path: str, scheme: str, colour: str
) -> None:
    """The theme colour follows light and dark, by preference and by link."""
    page = open_page(path, color_scheme=scheme)
    expect(page.locator("meta[name=theme-color]")).to_have_attribute("content", colour)
