"""Corrected digits are learnt on the device, if the user wants it."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.app.conftest import DESKTOP, OpenPage
from tests.app.ui.pen import Pen, side_by_side

pytestmark = pytest.mark.slow

_KEPT = "localStorage.getItem('hand')"


def _correct_last_digit(page: Page, digit: int) -> None:
    page.locator("#answer button").last.click()
    page.locator(".reading-bars button").nth(digit).click()


def _draw_again(page: Page) -> None:
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, 0)")
    Pen(page).draw(side_by_side("42"))


@pytest.fixture
def corrected(open_page: OpenPage) -> Page:
    """The page with 42 drawn, and corrected to 47."""
    page = open_page(**DESKTOP)
    Pen(page).draw(side_by_side("42"))
    expect(page.locator(".reading-verdict")).to_contain_text("42")
    _correct_last_digit(page, 7)
    return page


def test_nothing_is_learnt_before_the_user_agrees(corrected: Page) -> None:
    """After a correction the page offers to learn, keeps nothing, and reads the next drawing as before."""
    expect(corrected.get_by_role("button", name="Learn my handwriting")).to_be_visible()
    _draw_again(corrected)
    expect(corrected.locator("#answer")).to_have_text("42")
    assert corrected.evaluate(_KEPT) is None


def test_a_corrected_digit_is_learnt_until_it_is_forgotten(corrected: Page) -> None:
    """Drawn again, and after a reload, the digit is read as corrected; forgotten, it is read as before."""
    corrected.get_by_role("button", name="Learn my handwriting").click()
    expect(corrected.locator(".hand")).to_contain_text("One of your digits")
    _draw_again(corrected)
    expect(corrected.locator("#answer")).to_have_text("47")
    expect(corrected.locator(".reading-verdict")).not_to_contain_text("corrected")
    corrected.reload()
    expect(corrected.locator("#answer")).to_have_text("47")
    corrected.get_by_role("button", name="Forget my handwriting").click()
    expect(corrected.locator("#answer")).to_have_text("42")
    assert corrected.evaluate(_KEPT) is None


def test_a_digit_that_was_learnt_can_be_corrected(corrected: Page) -> None:
    """Corrected back, the digit is read rightly from then on, and counts once."""
    corrected.get_by_role("button", name="Learn my handwriting").click()
    _draw_again(corrected)
    expect(corrected.locator("#answer")).to_have_text("47")
    _correct_last_digit(corrected, 2)
    expect(corrected.locator("#answer")).to_have_text("42")
    _draw_again(corrected)
    expect(corrected.locator("#answer")).to_have_text("42")


def test_no_digit_is_learnt_while_the_server_is_away(corrected: Page) -> None:
    """The correction waits, and is learnt with the next one."""

    def refuse(route: Route) -> None:
        route.abort()

    corrected.route("**/component_server/**", refuse)
    corrected.get_by_role("button", name="Learn my handwriting").click()
    expect(corrected.locator(".hand")).to_contain_text("0 of your digits")
    corrected.unroute("**/component_server/**", refuse)
    corrected.locator("#answer button").first.click()
    corrected.locator(".reading-bars button").nth(9).click()
    expect(corrected.locator(".hand")).to_contain_text("2 of your digits")
