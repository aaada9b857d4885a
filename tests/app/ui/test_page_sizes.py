"""The page on screens of all sizes, and with answers of all lengths."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import DESKTOP, PHONE, OpenPage, respond
from tests.app.readings import make_digit
from tests.app.ui.pen import DIGITS, Finger, Pen, side_by_side

pytestmark = pytest.mark.slow


def test_page_is_not_wider_than_the_screen(page: Page) -> None:
    """The page does not scroll sideways."""
    for width in (320, 390, 761, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_phone_shows_pad_and_answer(phone: Page, finger: Finger) -> None:
    """A phone shows the pad and the answer together, a sharp canvas, and buttons large enough to touch."""
    finger.draw(DIGITS["7"])
    for part in ("#digit-pad canvas", "#answer", ".reading-bars"):
        expect(phone.locator(part)).to_be_in_viewport(ratio=1)
    for button in phone.locator(".digit-pad .tools button:visible").all():
        area = button.bounding_box()
        assert area is not None
        assert min(area["width"], area["height"]) >= 44
    sharpness = phone.locator("#digit-pad canvas").evaluate("canvas => canvas.width / canvas.clientWidth")
    assert sharpness == pytest.approx(PHONE["device_scale_factor"], abs=0.01)


def test_phone_in_landscape_shows_the_whole_pad(phone: Page) -> None:
    """The pad, its buttons and the answer are visible: a finger on the pad cannot scroll."""
    for width, height in ((568, 320), (667, 375), (740, 360), (844, 390)):
        phone.set_viewport_size({"width": width, "height": height})
        for part in (".digit-pad-paper", ".digit-pad .tools", "#answer"):
            expect(phone.locator(part)).to_be_in_viewport(ratio=1)
        tools = phone.locator(".digit-pad .tools")
        assert tools.evaluate("tools => tools.scrollWidth <= tools.clientWidth")
        assert phone.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("count", [4, 48])
def test_long_number_fits_its_column(page: Page, pen: Pen, count: int) -> None:
    """The answer is scaled down and then wrapped to the width of its column, and stays legible."""
    respond(page, "4" * count, *[make_digit(4)] * count)
    pen.draw(DIGITS["4"])
    expect(page.locator("#answer")).to_have_text("4" * count)
    for part in (page.locator("#answer"), page.locator(".reading-verdict")):
        assert part.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
    size = page.locator("#answer").evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert 18 <= size < 60 if count == 48 else size > 60


@pytest.mark.parametrize("size", [(568, 320), (640, 400), (844, 390)])
def test_number_beside_the_pad_is_shown_whole(page: Page, pen: Pen, size: tuple[int, int]) -> None:
    """In a narrow column the answer is scaled down to one line, and nothing of it is hidden."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    respond(page, "12345678", *map(make_digit, range(1, 9)))
    pen.draw(DIGITS["4"])
    answer = page.locator("#answer")
    expect(answer).to_have_text("12345678")
    assert answer.evaluate("each => each.scrollHeight <= each.clientHeight + 1")
    tops = answer.locator("button").evaluate_all("each => each.map((one) => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1


def test_layout_does_not_shift(open_page: OpenPage) -> None:
    """The browser counts no shift of the layout from the first paint to a number that was read."""
    page = open_page(**DESKTOP)
    page.add_init_script(
        """window.shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (shift += entry.value)))
            .observe({ type: "layout-shift", buffered: true });"""
    )
    page.reload()
    page.wait_for_selector(".workspace[data-ready]")
    Pen(page).draw(side_by_side("42"))
    expect(page.locator(".reading-verdict")).to_contain_text("42")
    assert page.evaluate("shift") < 0.0001
