"""The page for everyone: no barriers that axe-core finds, and every way without a mouse."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.app.conftest import DESKTOP, PHONE, OpenPage
from tests.app.pen import DIGITS, Pen, side_by_side
from tests.app.photographs import photograph

_SEVERE = {"serious", "critical"}


def _find_barriers(page: Page) -> list[str]:
    """What axe-core holds against the page, as far as it is serious."""
    page.wait_for_timeout(400)  # until nothing fades any more: axe measures contrast as it is just now
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html']} ({node['failureSummary']})"
        for violation in violations
        if violation["impact"] in _SEVERE
        for node in violation["nodes"]
    ]


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, open_page: OpenPage) -> Page:
    """The page in the light and in the dark."""
    return open_page(**DESKTOP, color_scheme=request.param)


def test_empty_page_has_no_barriers(themed: Page) -> None:
    """As it is opened."""
    expect(themed.get_by_role("button", name="Example: 42")).to_be_visible()
    expect(themed.locator("#model")).to_contain_text("release")
    assert _find_barriers(themed) == []


def test_reading_has_no_barriers(themed: Page) -> None:
    """With a digit that is read, and explained."""
    Pen(themed).draw(DIGITS["7"])
    themed.get_by_role("button", name="Why?").click()
    expect(themed.locator(".explanation p")).to_have_count(3)
    assert _find_barriers(themed) == []


def test_number_has_no_barriers(themed: Page) -> None:
    """With boxes on the pad."""
    Pen(themed).draw(side_by_side("42"))
    expect(themed.get_by_role("button", name="Digit 2 of 2")).to_be_visible()
    assert _find_barriers(themed) == []


def test_refusal_has_no_barriers(themed: Page) -> None:
    """With something that is no digit."""
    themed.get_by_role("button", name="Example: a letter").click()
    expect(themed.locator(".reading-verdict")).to_contain_text("does not look like")
    assert _find_barriers(themed) == []


def test_photograph_has_no_barriers(themed: Page) -> None:
    """With a picture on the pad."""
    themed.locator("input[type=file]").set_input_files(
        {"name": "picture", "mimeType": "image/jpeg", "buffer": photograph("27")}
    )
    expect(themed.get_by_role("button", name="Digit 2 of 2")).to_be_visible()
    assert _find_barriers(themed) == []


def test_about_has_no_barriers(themed: Page) -> None:
    """With About open."""
    themed.get_by_text("About", exact=True).click()
    expect(themed.get_by_role("heading", name="Privacy")).to_be_visible()
    assert _find_barriers(themed) == []


def test_phone_has_no_barriers(open_page: OpenPage) -> None:
    """On a phone, with a number read."""
    page = open_page(**PHONE)
    page.get_by_role("button", name="Example: 2026").tap()
    expect(page.locator("#answer")).to_have_text("2026")
    assert _find_barriers(page) == []


def test_bars_are_seen_in_the_systems_own_colours(open_page: OpenPage) -> None:
    """Where someone has chosen the colours of everything, the bars are not of the paper's colour."""
    page = open_page(**DESKTOP, forced_colors="active")
    Pen(page).draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    colour = "bar => getComputedStyle(bar, '::before').backgroundColor"
    colours = {bar.evaluate(colour) for bar in page.locator(".reading-column").all()}
    assert len(colours) == 2
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") not in colours


def test_barriers_would_be_found(page: Page) -> None:
    """The checks above do not pass for want of an axe: a button without a name is found."""
    page.evaluate("document.querySelector('.workspace').append(document.createElement('button'))")
    assert any(barrier.startswith("button-name") for barrier in _find_barriers(page))


def test_everything_is_done_by_keyboard_alone(page: Page) -> None:
    """From opening the page: an example, its digits, why, undo and redo, without a mouse."""
    page.get_by_role("button", name="Example: 42").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_text("42")
    page.get_by_role("button", name="Digit 2 of 2").focus()
    page.keyboard.press("Space")
    expect(page.locator(".reading-bars figcaption")).to_contain_text("digit 2 of 2")
    page.get_by_role("button", name="Why?").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".explanation p").first).to_contain_text("a 2")
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("")
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#answer")).to_have_text("42")


def test_tabulator_reaches_every_button(page: Page) -> None:
    """Going on with Tab comes by all that can be pressed, and shows where it is."""
    page.get_by_role("button", name="Example: 42").click()
    expect(page.get_by_role("button", name="Digit 2 of 2")).to_be_visible()
    names: list[str] = []
    page.locator("#digit-pad canvas").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break
        names.append(str(focused.evaluate("element => element.ariaLabel ?? element.textContent.trim()")))
        assert focused.evaluate("element => getComputedStyle(element).outlineStyle") != "none", names[-1]
    wanted = ["Undo", "Eraser", "Clear", "Photo", "Why?", "Copy", "Share", "Example: 2026", "About", "API"]
    assert [name for name in wanted if name not in names] == []


def test_bars_are_read_aloud_with_their_digits(page: Page, pen: Pen) -> None:
    """Each bar says which digit it stands for, and how many percent."""
    pen.draw(DIGITS["7"])
    expect(page.locator(".reading-bars li").nth(7)).to_have_accessible_name(re.compile(r"^7: \d+ percent$"))
