"""The explanation of a digit, which the button "Why?" opens."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.ui.pen import DIGITS, Finger, Pen, side_by_side

pytestmark = pytest.mark.slow

_HEAT_MAP = ".heat-map"


def _toggle(page: Page) -> None:
    page.get_by_role("button", name="Why?").click()


def test_explanation_has_sentences_and_a_heat_map(page: Page, pen: Pen) -> None:
    """The runner-up and a change that would matter are shown; a second click hides them."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _toggle(page)
    sentences = page.locator(".explanation p")
    expect(sentences).to_have_count(3)
    expect(sentences.nth(0)).to_contain_text("%")
    heat_map = page.locator(_HEAT_MAP)
    expect(heat_map).to_be_visible()
    assert heat_map.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(page.get_by_role("button", name="Why?")).to_have_attribute("aria-expanded", "true")
    _toggle(page)
    expect(page.locator(".explanation")).to_be_hidden()
    expect(heat_map).to_be_hidden()


def test_closed_explanation_is_not_requested(page: Page, pen: Pen) -> None:
    """While the explanation is closed, the page requests readings only."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.post_data or ""))
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    assert any("read_drawing" in data for data in requests)
    assert not any("explain_digit" in data for data in requests)
    expect(page.locator(".explanation")).to_be_hidden()


def test_chosen_digit_is_explained(page: Page, pen: Pen) -> None:
    """In a number, the explanation follows the choice."""
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    _toggle(page)
    explained = []
    for index in (1, 2):
        page.get_by_role("button", name=f"Digit {index} of 2").click()
        expect(page.locator(".explanation p")).to_have_count(3)
        explained.append(page.locator(_HEAT_MAP).get_attribute("src"))
    assert explained[0] != explained[1]


def test_open_explanation_follows_the_drawing(phone: Page, finger: Finger) -> None:
    """An open explanation explains each new drawing; an empty pad has none to open."""
    expect(phone.get_by_role("button", name="Why?", include_hidden=True)).to_be_disabled()
    finger.draw(DIGITS["1"])
    phone.get_by_role("button", name="Why?").tap()
    expect(phone.locator(".explanation p")).to_have_count(3)
    phone.get_by_role("button", name="Clear").tap()
    phone.evaluate("scrollTo(0, 0)")
    finger.draw(DIGITS["7"])
    expect(phone.locator(".explanation p")).to_have_count(3)
    phone.get_by_role("button", name="Clear").tap()
    expect(phone.locator(_HEAT_MAP)).to_be_hidden()


def test_explanation_is_hidden_while_drawing(page: Page, pen: Pen) -> None:
    """During a stroke neither the old heat map nor the old sentences are shown."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _toggle(page)
    expect(page.locator(_HEAT_MAP)).to_be_visible()
    pen.press((0.8, 0.8))
    for step in range(20):
        pen.move((0.8, 0.8 - step / 100))
    expect(page.locator(_HEAT_MAP)).to_be_hidden()
    expect(page.locator(".explanation")).to_be_empty()
    pen.lift()
    expect(page.locator(_HEAT_MAP)).to_be_visible()


def test_open_explanation_keeps_the_layout(page: Page, pen: Pen) -> None:
    """With the explanation open, the footer stays in its place while someone draws."""
    pen.draw(DIGITS["1"])
    _toggle(page)
    expect(page.locator(".explanation p")).to_have_count(3)  # it has been scrolled into view
    for width in (320, 390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.keyboard.press("Escape")
        page.evaluate("scrollTo(0, 0)")
        before = page.locator("footer").bounding_box()
        pen.draw(DIGITS["7"])
        expect(page.locator(_HEAT_MAP)).to_be_visible()
        expect(page.locator(".explanation p")).to_have_count(3)
        assert page.locator("footer").bounding_box() == before


def test_erased_ink_changes_the_bars(page: Page, pen: Pen) -> None:
    """With the explanation open, ink under the pointer is left out, and the rest is read."""
    pen.draw(DIGITS["7"])
    _toggle(page)
    expect(page.locator(".explanation p")).to_have_count(3)
    page.locator(".normalised canvas").wait_for()
    area = page.locator(".normalised canvas").bounding_box()
    assert area is not None
    seen = set()
    for height in (0.2, 0.35, 0.5, 0.65, 0.8):
        for width in (0.35, 0.5, 0.65):
            page.mouse.move(area["x"] + width * area["width"], area["y"] + height * area["height"], steps=2)
            expect(page.locator(".choice-title")).to_contain_text("without the erased ink")
            page.wait_for_timeout(100)
            seen.add(page.locator(".choice-title").inner_text())
    assert len(seen) > 1
    page.mouse.move(5, 5)
    expect(page.locator(".choice-title")).to_contain_text("Digit: 7")
    expect(page.locator(".choice-title")).not_to_contain_text("without the erased ink")
