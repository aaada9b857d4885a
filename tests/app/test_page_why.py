"""Why a digit was read as it was, for those who ask."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import READING_URL
from tests.app.pen import DIGITS, Finger, Pen, side_by_side

_HEAT = "Heat map"


def _ask_why(page: Page) -> None:
    page.get_by_role("button", name="Why?").click()


def test_answer_is_explained(page: Page, pen: Pen) -> None:
    """A sentence, the runner-up and what would have to change are told, with a heat map of the ink."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _ask_why(page)
    sentences = page.locator(".explanation p")
    expect(sentences).to_have_count(3)
    expect(sentences.nth(0)).to_contain_text("a 7")
    expect(sentences.nth(1)).to_have_text(re.compile(r"^Second choice: an? \d, .*%\.$"))
    expect(sentences.nth(2)).not_to_be_empty()
    heat = page.get_by_alt_text(_HEAT)
    expect(heat).to_be_visible()
    assert heat.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_nothing_is_explained_unasked(page: Page, pen: Pen) -> None:
    """While nobody asks why, nothing but readings is asked of the server."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    assert any("read_drawing" in data for data in asked)
    assert not any("explain_digit" in data for data in asked)
    expect(page.locator(".explanation")).to_be_hidden()


def test_chosen_digit_is_the_one_explained(page: Page, pen: Pen) -> None:
    """In a number, the explanation follows the choice."""
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    _ask_why(page)
    for name, said in (("Digit 1 of 2", "a 4"), ("Digit 2 of 2", "a 2")):
        page.get_by_role("button", name=name).click()
        expect(page.locator(".explanation p").first).to_contain_text(said)


def test_explanation_follows_the_drawing(phone: Page, finger: Finger) -> None:
    """Left open, it explains what is drawn next, and nothing once the pad is empty."""
    phone.get_by_role("button", name="Why?").tap()
    expect(phone.locator(".explanation")).to_have_text("There is nothing to explain yet.")
    finger.draw(DIGITS["7"])
    expect(phone.locator(".explanation p").first).to_contain_text("a 7")
    phone.get_by_role("button", name="Clear").tap()
    expect(phone.locator(".explanation")).to_have_text("There is nothing to explain yet.")
    expect(phone.get_by_alt_text(_HEAT)).to_be_hidden()


def test_explanation_goes_with_its_drawing(page: Page, pen: Pen) -> None:
    """As soon as one draws on, what is seen is shown again and neither the old heat map nor sentences."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _ask_why(page)
    expect(page.get_by_alt_text(_HEAT)).to_be_visible()
    pen.press((0.8, 0.8))
    for step in range(20):
        pen.move((0.8, 0.8 - step / 100))
    expect(page.get_by_alt_text(_HEAT)).to_be_hidden()
    expect(page.locator(".explanation")).to_be_empty()
    pen.lift()
    expect(page.get_by_alt_text(_HEAT)).to_be_visible()


def test_explanation_can_be_closed(page: Page, pen: Pen) -> None:
    """A second press puts the explanation and its heat map away."""
    pen.draw(DIGITS["7"])
    _ask_why(page)
    expect(page.get_by_alt_text(_HEAT)).to_be_visible()
    expect(page.get_by_role("button", name="Why?")).to_have_attribute("aria-expanded", "true")
    _ask_why(page)
    expect(page.locator(".explanation")).to_be_hidden()
    expect(page.get_by_alt_text(_HEAT)).to_be_hidden()


def test_missing_explanation_is_said_quietly(page: Page, pen: Pen) -> None:
    """When no explanation comes, a sentence says so, without an error box."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.route(
        READING_URL,
        lambda route: (
            route.abort() if "explain_digit" in (route.request.post_data or "") else route.continue_()
        ),
    )
    _ask_why(page)
    expect(page.locator(".explanation")).to_have_text("No explanation available.")
    assert page.locator(".toast-body").count() == 0


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_open_explanation_does_not_jump(page: Page, pen: Pen, width: int) -> None:
    """With the explanation open, what is below it stays in its place while one draws."""
    page.set_viewport_size({"width": width, "height": 900})
    _ask_why(page)
    empty = page.locator("footer").bounding_box()
    pen.draw(DIGITS["7"])
    expect(page.get_by_alt_text(_HEAT)).to_be_visible()
    expect(page.locator(".explanation p").first).to_contain_text("a 7")
    assert page.locator("footer").bounding_box() == empty
