"""Corrected digits are given to the operator of the page only if the user agrees, and can be taken back."""

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.service import ReadingService
from app.ui.workspace import build_workspace
from tests.app.conftest import DESKTOP, READING_URL, OpenPage
from tests.app.ui.pen import Pen, side_by_side

pytestmark = pytest.mark.slow


@pytest.fixture
def corrected(open_page: OpenPage) -> Page:
    """The page with 42 drawn, and corrected to 47."""
    page = open_page(**DESKTOP)
    Pen(page).draw(side_by_side("42"))
    expect(page.locator(".reading-verdict")).to_contain_text("42")
    page.locator("#answer button").last.click()
    page.locator(".reading-bars button").nth(7).click()
    return page


@pytest.fixture
def stored(given_corrections: Path) -> Callable[[], list[dict[str, Any]]]:
    """Return what the server has stored since the test began."""
    before = set(given_corrections.glob("data/*/*"))

    def read() -> list[dict[str, Any]]:
        new = set(given_corrections.glob("data/*/*")) - before
        return [json.loads((folder / "metadata.jsonl").read_text()) for folder in new]

    return read


Stored = Callable[[], list[dict[str, Any]]]


def _agree(page: Page) -> None:
    page.get_by_text("Help it learn").click()
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("checkbox").check()


def test_nothing_is_given_before_the_user_agrees(corrected: Page, stored: Stored) -> None:
    """The page offers it, names what is given, and neither sends nor keeps anything."""
    corrected.get_by_text("Help it learn").click()
    expect(corrected.locator(".giving")).to_contain_text("published under CC0")
    corrected.wait_for_timeout(3500)  # longer than the delay in which a correction can be changed
    assert stored() == []
    assert corrected.evaluate("localStorage.getItem('giving')") is None


def test_a_given_correction_holds_the_corrected_digit_alone(corrected: Page, stored: Stored) -> None:
    """Once the user agrees, picture, strokes and value of the digit are stored, and it is told."""
    _agree(corrected)
    expect(corrected.locator(".giving")).to_contain_text("One correction given")
    [given] = stored()
    assert (given["text"], given["read"], given["source"]) == ("7", "2", "page")
    assert len(json.loads(given["strokes"])) == 1  # of the 2; the 4 has two


def test_given_corrections_can_be_taken_back(corrected: Page, stored: Stored) -> None:
    """After a reload too, one button deletes them all, and nothing more is given."""
    _agree(corrected)
    expect(corrected.locator(".giving")).to_contain_text("One correction given")
    corrected.reload()
    corrected.get_by_text("Help it learn").click()
    corrected.get_by_role("button", name="Take them all back").click()
    expect(corrected.locator(".giving")).to_contain_text("They are deleted")
    expect(corrected.get_by_role("checkbox")).not_to_be_checked()
    assert stored() == []
    assert corrected.evaluate("localStorage.getItem('giving')") is None


def test_a_correction_is_given_later_if_the_server_is_away(corrected: Page, stored: Stored) -> None:
    """What can't be sent is kept on the device, and sent at the next visit."""
    corrected.route(READING_URL, lambda route: route.abort())
    _agree(corrected)
    corrected.wait_for_function("JSON.parse(localStorage.getItem('giving')).waiting.length === 1")
    corrected.unroute_all()
    assert stored() == []
    corrected.reload()
    end = monotonic() + 20
    while not stored():
        assert monotonic() < end, "the correction was not sent"
        sleep(0.1)
    corrected.wait_for_function("JSON.parse(localStorage.getItem('giving')).waiting.length === 0")


def test_the_page_does_not_offer_it_by_default() -> None:
    """Without a folder or data set for corrections, the page has no functions that give them."""
    workspace = build_workspace(ReadingService(max_pixels=1000))
    assert hasattr(workspace, "read_drawing")
    assert not hasattr(workspace, "give_correction")
