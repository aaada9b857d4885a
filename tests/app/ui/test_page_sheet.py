"""The sheet below the pad: room to the right, and a drawing that is kept."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.ui.pen import DIGITS, Finger, Pen, expect_ink, side_by_side

pytestmark = pytest.mark.slow


def test_sheet_grows_to_the_right(phone: Page, finger: Finger) -> None:
    """With ink near the right end there is a button for more room, and one that leads back."""
    finger.draw(side_by_side("42"))
    expect(phone.locator("#answer")).to_have_text("42")
    expect(phone.locator("[data-action=back]")).to_be_hidden()
    phone.locator("[data-action=on]").tap()
    finger.draw(DIGITS["7"])
    expect(phone.locator("#answer")).to_have_text("427")
    phone.locator("[data-action=back]").tap()
    expect(phone.locator("[data-action=back]")).to_be_hidden()
    expect(phone.locator("#answer")).to_have_text("427")


def test_drawing_survives_a_reload(page: Page, pen: Pen) -> None:
    """A page that is reloaded at once shows the whole drawing, until it is cleared."""
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    page.reload()
    expect(page.locator("#answer")).to_have_text("42")
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector(".workspace[data-ready]")
    expect_ink(page, some=False)
