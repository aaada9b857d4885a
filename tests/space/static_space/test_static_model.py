"""Sources of the static page's model, and that no other file is ever used."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from space.model import READER_FILES
from tests.app.test_labels import LABELS, copy_release
from tests.space.static_space.conftest import OpenStatic
from tests.space.static_space.folders import READER_PATHS, put_readers, serve_folder, write_page

pytestmark = pytest.mark.slow

_NO_HUB = "http://127.0.0.1:9"
_FROM_HUB, _COPY, _STORED = "from the Hub", "from the copy in this Space", "stored in this browser"


def _expect_read_from(page: Page, source: str) -> None:
    page.get_by_role("button", name="Example: 42").click()
    expect(page.locator("#answer")).to_have_text("42")
    expect(page.locator("#model-source")).to_have_text(source)


def test_model_is_loaded_from_the_hub_once(open_static: OpenStatic) -> None:
    """The first visit uses the Hub's files, the next one the stored files."""
    page = open_static()
    _expect_read_from(page, _FROM_HUB)
    page.keyboard.press("Escape")
    page.reload()
    _expect_read_from(page, _STORED)


@pytest.mark.parametrize("fault", ["another file", "no such file", "no response"])
def test_copy_is_used_when_the_hub_fails(open_static: OpenStatic, tmp_path: Path, fault: str) -> None:
    """The Hub's files are used only with the pinned sha256."""
    hub_folder = tmp_path / "hub"
    hub_folder.mkdir()
    if fault == "another file":
        put_readers(hub_folder)
        damaged = hub_folder / READER_PATHS[1]
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    with serve_folder(hub_folder) as hub:
        folder = write_page(tmp_path / "page", endpoint=_NO_HUB if fault == "no response" else hub)
        with serve_folder(folder) as url:
            _expect_read_from(open_static(url), _COPY)


def test_page_follows_the_labels_of_the_model(open_static: OpenStatic, tmp_path: Path) -> None:
    """With other numerals, answer and bars are in their signs, and what looks like a number is one digit."""
    release = copy_release(tmp_path / "release")
    folder = write_page(tmp_path / "page", endpoint=_NO_HUB, release=release)
    with serve_folder(folder) as url:
        page = open_static(url)
        page.get_by_role("button", name="Example: a barred 7").click()
        expect(page.locator("#answer")).to_have_text(LABELS[7])
        expect(page.locator(".bar-digit")).to_have_text(list(LABELS))
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Example: 42").click()
        expect(page.locator(".reading")).to_have_attribute("data-state", "doubtful")


def test_damaged_copy_is_not_used(open_static: OpenStatic, tmp_path: Path) -> None:
    """Without an intact model the page reports it and reads nothing."""
    folder = write_page(tmp_path / "page", endpoint=_NO_HUB)
    (folder / READER_FILES[0]).write_bytes(b"TFL3" * 1000)
    with serve_folder(folder) as url:
        page = open_static(url, status="the model can't be loaded")
        page.get_by_role("button", name="Example: 42").click()
        expect(page.locator(".reading")).to_have_attribute("data-old", "")
        expect(page.locator("#answer")).to_have_text("")
