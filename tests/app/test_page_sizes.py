"""The page on screens of all sizes, and with answers of all lengths."""

import pytest
from playwright.sync_api import Page, expect

from app.recognition.reading import Reading
from app.ui.presentation import present_reading
from tests.app.conftest import PHONE, READING_URL, OpenPage
from tests.app.pen import DIGITS, Finger, Pen
from tests.app.readings import make_digit


@pytest.mark.parametrize("width", [320, 390, 761, 1280, 2560])
def test_page_is_never_wider_than_the_screen(open_page: OpenPage, width: int) -> None:
    """There is no sideways scrolling."""
    page = open_page(viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_phone_shows_pad_and_answer_at_once(phone: Page, finger: Finger) -> None:
    """On a phone the pad and the answer are on the screen together, and buttons are large enough to touch."""
    finger.draw(DIGITS["7"])
    expect(phone.locator("#digit-pad canvas")).to_be_in_viewport(ratio=1)
    expect(phone.locator("#answer")).to_be_in_viewport(ratio=1)
    expect(phone.locator(".reading-bars ol")).to_be_in_viewport(ratio=1)
    for button in phone.locator(".digit-pad button").all():
        area = button.bounding_box()
        assert area is not None
        assert min(area["width"], area["height"]) >= 44


@pytest.mark.parametrize(("width", "height"), [(568, 320), (667, 375), (740, 360), (844, 390)])
def test_phone_held_sideways_shows_the_whole_pad(open_page: OpenPage, width: int, height: int) -> None:
    """All of it is on the screen, since a finger on it does not scroll, with its tools and the answer."""
    page = open_page(**PHONE | {"viewport": {"width": width, "height": height}})
    for part in (".digit-pad-paper", ".digit-pad .tools", "#answer"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    tools = page.locator(".digit-pad .tools")
    assert tools.evaluate("tools => tools.scrollWidth <= tools.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_several_digits_stay_clear_of_what_was_seen(page: Page, pen: Pen) -> None:
    """The answer is as large as its column allows, and no larger."""
    markup = present_reading(Reading("4286", (make_digit(4),) * 4))
    page.route(READING_URL, lambda route: route.fulfill(json=markup))
    pen.draw(DIGITS["4"])
    expect(page.locator("#answer")).to_have_text("4286")
    width = "element => [element.scrollWidth, element.clientWidth]"
    wanted, given = page.locator("#answer").evaluate(width)
    assert wanted <= given + 1


def test_long_number_is_broken_into_lines(page: Page, pen: Pen) -> None:
    """A number of many digits stays within its column and large enough to be read, as does its sentence."""
    markup = present_reading(Reading("4" * 48, (make_digit(4),) * 48))
    page.route(READING_URL, lambda route: route.fulfill(json=markup))
    pen.draw(DIGITS["4"])
    expect(page.locator("#answer")).to_have_text("4" * 48)
    expect(page.locator("#answer")).to_have_css("font-size", "24px")
    for part in page.locator(".reading-summary > *").all():
        assert part.evaluate("part => part.scrollWidth <= part.clientWidth + 1")


def test_canvas_has_a_pixel_for_each_of_the_screen(phone: Page) -> None:
    """On a dense screen the canvas is as sharp as the screen."""
    sharpness = phone.locator("#digit-pad canvas").evaluate("canvas => canvas.width / canvas.clientWidth")
    assert sharpness == pytest.approx(PHONE["device_scale_factor"], abs=0.01)
