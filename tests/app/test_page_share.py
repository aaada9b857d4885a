"""Links that hold a drawing: made, opened elsewhere, and refused quietly when they are broken."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import DESKTOP, PHONE, READING_URL, OpenPage
from tests.app.paper import expect_ink
from tests.app.pen import DIGITS, Finger, Pen, side_by_side
from tests.app.photographs import photograph

_NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
_BROKEN = [
    "#drawing=",
    "#drawing=AQ",  # a version and no strokes
    "#drawing=AgECAg",  # a version to come
    "#drawing=AQMCAg",  # cut off
    "#drawing=AQA",  # a stroke without points
    "#drawing=AQH__wP_",  # far off the pad, and cut off
    "#drawing=AQGgH6Af",  # 2000 steps off
    "#drawing=%%%",
    "#drawing=" + "A" * 100_000,
]


def _share(page: Page) -> str:
    """The link that the page's button copies."""
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".notice")).to_have_text("Link copied. It contains the drawing.")
    return str(page.evaluate("navigator.clipboard.readText()"))


def _fragment(link: str) -> str:
    return link[link.index("#") :]


@pytest.fixture
def sharing(open_page: OpenPage) -> Page:
    """The page in a browser that allows copying."""
    return open_page(**DESKTOP, permissions=["clipboard-read", "clipboard-write"])


def test_link_opens_the_same_drawing_in_another_browser(sharing: Page, open_page: OpenPage) -> None:
    """A second browser that opens the link shows the drawing and reads it; the first page's address stays."""
    before = sharing.url
    Pen(sharing).draw(side_by_side("42"))
    expect(sharing.locator("#answer")).to_have_text("42")
    link = _share(sharing)
    assert sharing.url == before
    other = open_page("/" + _fragment(link), **PHONE)
    expect(other.locator("#answer")).to_have_text("42")
    expect_ink(other, some=True)


def test_link_holds_the_drawing_to_the_pixel(sharing: Page, open_page: OpenPage) -> None:
    """What is drawn from a link and shared again is the very same link."""
    Pen(sharing).draw(DIGITS["5"])
    link = _share(sharing)
    other = open_page("/" + _fragment(link), **DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    assert _share(other) == link


def test_link_never_leaves_the_browser(sharing: Page, open_page: OpenPage) -> None:
    """The drawing is in the part of the address that is not sent, and the link is short."""
    Pen(sharing).draw(side_by_side("2026"))
    link = _share(sharing)
    assert re.fullmatch(r"http://[^/?#]+/#drawing=[\w-]+", link)
    assert len(link) < 2000
    page = open_page()
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    with page.expect_response(READING_URL):
        page.goto(link)
    assert not any("drawing=" in url for url in urls)


def test_link_pasted_into_the_open_page_is_opened(sharing: Page) -> None:
    """When only the fragment changes, the drawing is loaded, and undo brings back what was there."""
    Pen(sharing).draw(DIGITS["7"])
    link = _share(sharing)
    sharing.get_by_role("button", name="Clear").click()
    Pen(sharing).draw(DIGITS["1"])
    expect(sharing.locator("#answer")).to_have_text("1")
    sharing.evaluate("fragment => (location.hash = fragment)", _fragment(link))
    expect(sharing.locator("#answer")).to_have_text("7")
    sharing.keyboard.press("Control+z")
    expect(sharing.locator("#answer")).to_have_text("1")


def test_changed_drawing_leaves_its_link(sharing: Page, open_page: OpenPage) -> None:
    """The address holds the drawing as it was opened, and no longer once something else lies on the pad."""
    Pen(sharing).draw(DIGITS["1"])
    fragment = _fragment(_share(sharing))
    page = open_page("/" + fragment, **DESKTOP)
    expect(page.locator("#answer")).to_have_text("1")
    assert page.url.endswith(fragment)
    for opened in ("", fragment):  # a second time
        page.evaluate("fragment => (location.hash = fragment)", opened)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.evaluate("location.hash") == fragment
    Pen(page).draw([[(0.8, 0.8)]])
    expect(page).to_have_url(re.compile("/$"))


@pytest.mark.parametrize("fragment", _BROKEN, ids=lambda fragment: fragment[:20])
def test_broken_link_is_a_quiet_hint(open_page: OpenPage, fragment: str) -> None:
    """A link that is malformed or too long gives a sentence and an empty pad that can be drawn on."""
    page = open_page(**DESKTOP)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.evaluate("fragment => (location.hash = fragment)", fragment)
    expect(page.locator(".notice")).to_have_text("This link does not contain a valid drawing.")
    Pen(page).draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    assert complaints == []


def test_other_fragments_are_left_alone(open_page: OpenPage) -> None:
    """A fragment that is no drawing says nothing."""
    page = open_page("/#about", **DESKTOP)
    expect(page.get_by_role("button", name="Example: 42")).to_be_visible()
    expect(page.locator(".notice")).to_be_empty()


def test_overlong_drawing_is_said_to_be_too_long(sharing: Page) -> None:
    """A drawing that no link can hold is told so."""
    sharing.evaluate(
        """() => {
            const canvas = document.querySelector("#digit-pad canvas");
            const { left, top, width } = canvas.getBoundingClientRect();
            const at = (x, y) => ({ bubbles: true, pointerId: 1, button: 0,
                clientX: left + x * width, clientY: top + y * width });
            canvas.setPointerCapture = () => {};
            canvas.dispatchEvent(new PointerEvent("pointerdown", at(0.5, 0.5)));
            for (let step = 0; step < 4000; step += 1) {
                canvas.dispatchEvent(new PointerEvent("pointermove", at((step % 2) * 0.9, (step % 7) / 7)));
            }
            canvas.dispatchEvent(new PointerEvent("pointerup", at(0.5, 0.5)));
        }"""
    )
    sharing.get_by_role("button", name="Share").click()
    expect(sharing.locator(".notice")).to_have_text("This drawing is too long for a link.")


def test_link_is_shown_where_nothing_can_be_copied(open_page: OpenPage) -> None:
    """Without a clipboard the link stands selected below the buttons, until the drawing changes."""
    page = open_page(**DESKTOP)
    page.evaluate(_NO_CLIPBOARD)
    pen = Pen(page)
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.get_by_role("button", name="Share").click()
    link = page.get_by_role("textbox", name="Link to this drawing")
    expect(link).to_be_focused()
    expect(link).to_have_value(re.compile("#drawing="))
    assert page.evaluate("getSelection().toString()") == link.input_value()
    pen.draw([[(0.9, 0.9)]])
    expect(link).to_be_hidden()


def test_phone_shares_by_its_own_sheet(phone: Page, finger: Finger) -> None:
    """Where the system has a way to share, the link is handed to it."""
    phone.evaluate("navigator.share = async (shared) => { window.shared = shared; }")
    finger.draw(DIGITS["7"])
    expect(phone.locator("#answer")).to_have_text("7")
    phone.get_by_role("button", name="Share").tap()
    phone.wait_for_function("window.shared")
    assert "#drawing=" in phone.evaluate("shared.url")


def test_photograph_cannot_be_shared(page: Page) -> None:
    """The button is off, and its tooltip says why."""
    page.locator("input[type=file]").set_input_files(
        {"name": "picture", "mimeType": "image/jpeg", "buffer": photograph("27")}
    )
    expect(page.locator("#answer")).to_have_text("27")
    share = page.get_by_role("button", name="Share")
    expect(share).to_be_disabled()
    expect(share).to_have_attribute("title", re.compile("too large for a link"))
