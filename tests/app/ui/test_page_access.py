"""Accessibility of the page: no barriers that axe-core finds, and everything by keyboard."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.app.conftest import DESKTOP, PHONE, OpenPage
from tests.app.photographs import photograph
from tests.app.ui.pen import DIGITS, Pen, side_by_side

pytestmark = pytest.mark.slow

_SEVERE = {"serious", "critical"}


def _find_barriers(page: Page) -> list[str]:
    """Return the serious violations that axe-core finds."""
    page.wait_for_timeout(400)  # axe measures contrast, so nothing may fade any more
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html']} ({node['failureSummary']})"
        for violation in violations
        if violation["impact"] in _SEVERE
        for node in violation["nodes"]
    ]


def _explain_digit(page: Page) -> None:
    Pen(page).draw(DIGITS["7"])
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".explanation p")).to_have_count(3)


def _draw_number(page: Page) -> None:
    Pen(page).draw(side_by_side("42"))
    expect(page.get_by_role("button", name="Digit 2 of 2")).to_be_visible()


def _draw_letter(page: Page) -> None:
    page.get_by_role("button", name="Example: a letter").click()
    expect(page.locator(".reading")).to_have_attribute("data-state", "doubtful")


def _open_photograph(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "picture", "mimeType": "image/jpeg", "buffer": photograph("27")}
    )
    expect(page.get_by_role("button", name="Digit 2 of 2")).to_be_visible()


def _open_about(page: Page) -> None:
    page.get_by_text("About", exact=True).click()
    expect(page.locator(".about-text")).to_be_visible()


@pytest.mark.parametrize(
    "prepare", [_explain_digit, _draw_number, _draw_letter, _open_photograph, _open_about]
)
def test_page_has_no_barriers(open_page: OpenPage, prepare: Callable[[Page], None]) -> None:
    """In every state and both themes axe-core finds nothing serious."""
    page = open_page(**DESKTOP)
    prepare(page)
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert _find_barriers(page) == []
    assert len(colours) == 2


def test_phone_has_no_barriers(open_page: OpenPage) -> None:
    """On a phone axe-core finds nothing serious, with an empty pad and with a number."""
    page = open_page(**PHONE)
    assert _find_barriers(page) == []
    page.get_by_role("button", name="Example: 2026").tap()
    expect(page.locator("#answer")).to_have_text("2026")
    assert _find_barriers(page) == []


def test_barriers_would_be_found(page: Page) -> None:
    """The check finds a button without a name."""
    page.evaluate("document.querySelector('.workspace').append(document.createElement('button'))")
    assert any(barrier.startswith("button-name") for barrier in _find_barriers(page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_are_visible_in_forced_colours(open_page: OpenPage, scheme: str) -> None:
    """With forced colours, the bars differ from the page and the best from the others."""
    page = open_page(**DESKTOP, media={"forced_colors": "active", "color_scheme": scheme})
    Pen(page).draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    colour = "bar => getComputedStyle(bar, '::before').backgroundColor"
    colours = {bar.evaluate(colour) for bar in page.locator(".bar-column").all()}
    assert len(colours) == 2
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") not in colours


def test_everything_works_by_keyboard(page: Page) -> None:
    """An example is drawn, its digits chosen and explained, and undone and redone by keyboard."""
    page.get_by_role("button", name="Example: 42").press("Enter")
    expect(page.locator("#answer")).to_have_text("42")
    page.get_by_role("button", name="Digit 2 of 2").press("Space")
    expect(page.locator(".choice-title")).to_contain_text("Digit 2 of 2")
    page.get_by_role("button", name="Why?").press("Enter")
    expect(page.locator(".explanation p").first).to_contain_text("Second choice")
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("")
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#answer")).to_have_text("42")


def test_tab_reaches_every_control(page: Page) -> None:
    """Tab reaches the chosen digit and every button, each with a visible focus."""
    page.get_by_role("button", name="Example: 42").click()
    expect(page.get_by_role("button", name="Digit 2 of 2")).to_be_visible()
    names: list[str] = []
    pad = page.get_by_role("img", name="Drawing pad")
    pad.focus()
    expect(pad).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break
        names.append(str(focused.evaluate("element => element.ariaLabel ?? element.textContent.trim()")))
        assert focused.evaluate("element => getComputedStyle(element).outlineStyle") != "none", names[-1]
    wanted = [
        "Undo",
        "Eraser",
        "Clear",
        "Picture",
        "Copy",
        "Share",
        "Save",
        "Not a digit",
        "Why?",
        "About",
        "API",
    ]
    assert [name for name in wanted if name not in names] == []
    assert sum(name.startswith("Digit ") for name in names) == 1  # arrow keys lead to the other
    assert sum(name.endswith("%") for name in names) == 11


def test_screen_reader_announces_reading_and_bars(page: Page, pen: Pen) -> None:
    """A live region tells the number once the pen rests; each bar is named with its digit and percentage."""
    pen.draw(DIGITS["7"])
    expect(page.locator(".reading [aria-live=polite]")).to_have_text(re.compile("7"))
    expect(page.locator(".reading-bars button").nth(7)).to_have_accessible_name(
        re.compile(r"^7: [<>\s\d.]+%$")
    )
    expect(page).to_have_title("Handwritten digits")
