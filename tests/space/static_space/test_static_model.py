"""Where the static page has its model from, and that it never reads with another."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.model.release import BUNDLED_RELEASE
from space.model import READER_FILE
from tests.app.conftest import DESKTOP, PAD_IS_READY
from tests.app.pen import Pen, side_by_side
from tests.space.static_space.conftest import OpenStatic
from tests.space.static_space.folders import put_reader, serve_folder, write_page

_FROM_HUB, _COPY, _KEPT = "from the Hub", "the copy beside this page", "kept from an earlier visit"


def _expect_read_from(page: Page, source: str) -> None:
    page.get_by_role("button", name="Example: 42").click()
    expect(page.locator("#answer")).to_have_text("42")
    expect(page.locator("#model-source")).to_have_text(source)


def test_model_comes_from_the_hub_once(open_static: OpenStatic) -> None:
    """The first visit reads with the Hub's file, the next with what was kept of it."""
    page = open_static()
    _expect_read_from(page, _FROM_HUB)
    page.reload()
    _expect_read_from(page, _KEPT)


@pytest.mark.parametrize("fault", ["another file", "no such file", "nobody answers"])
def test_copy_beside_the_page_is_read_with_when_the_hub_fails(
    open_static: OpenStatic, tmp_path: Path, fault: str
) -> None:
    """What the Hub gives is used only if it is the very file that was pinned."""
    reader = bytearray((BUNDLED_RELEASE / READER_FILE).read_bytes())
    reader[-1] ^= 1
    if fault == "another file":
        put_reader(tmp_path / "hub", bytes(reader))
    (tmp_path / "hub").mkdir(exist_ok=True)
    with serve_folder(tmp_path / "hub") as hub:
        endpoint = "http://127.0.0.1:9" if fault == "nobody answers" else hub
        folder = write_page(tmp_path / "page", endpoint=endpoint)
        with serve_folder(folder) as url:
            _expect_read_from(open_static(url=url), _COPY)


def test_no_other_file_is_ever_read_with(open_static: OpenStatic, tmp_path: Path) -> None:
    """With a spoilt copy, too, the page says that nothing can be read, and reads nothing."""
    folder = write_page(tmp_path / "page", endpoint="http://127.0.0.1:9")
    (folder / READER_FILE).write_bytes(b"TFL3" * 1000)
    with serve_folder(folder) as url:
        said = "Nothing can be read: the model is neither to be had from the Hub nor beside this page."
        page = open_static(url=url, status=said)
        page.get_by_role("button", name="Example: 42").click()
        expect(page.locator(".reading-verdict")).to_contain_text("No answer")
        expect(page.locator("#answer")).to_have_text("")


def test_links_open_on_either_page(open_static: OpenStatic, server: str) -> None:
    """A drawing that is shared from the app's page is read here, and one from here there."""
    ours = open_static(**DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    theirs = ours.context.new_page()
    theirs.goto(server)
    theirs.wait_for_function(PAD_IS_READY)
    for sharing, opening, number in ((theirs, ours, "42"), (ours, theirs, "17")):
        sharing.bring_to_front()
        sharing.locator("#digit-pad canvas").press("Escape")
        Pen(sharing).draw(side_by_side(number))
        expect(sharing.locator("#answer")).to_have_text(number)
        sharing.get_by_role("button", name="Share").click()
        expect(sharing.locator(".notice")).to_contain_text("Link copied")
        link = str(sharing.evaluate("navigator.clipboard.readText()"))
        opening.bring_to_front()
        opening.evaluate("fragment => (location.hash = fragment)", link[link.index("#") :])
        expect(opening.locator("#answer")).to_have_text(number)
