"""Links that contain a drawing: sharing and opening them, old and invalid links."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import DESKTOP, PHONE, READING_URL, OpenPage, next_frame
from tests.app.photographs import photograph
from tests.app.ui.pen import DIGITS, Finger, Pen, count_ink, expect_ink, side_by_side

pytestmark = pytest.mark.slow

# Made by the page of November 2026, before its links were compressed JSON: the example 42.
_OLD_LINK = (
    "#drawing=ARGqArgDCzQNTBFYE2ITYBFaDUoLNjgBUgNgAWgDZgNgAVIDOAEJZa8EBVwJgAENmAELpgENpgELmgEJgAEHWia8A5EG"
    "HDEqRTJJNDM6H0ARQgM8CDoaOiouNh46Bj4HSBdMI1AzWENeSVxJVlFOWU5PQjcuEgc0GUAfQhM4ADYWNB44GkAKTANMBz4JFgE"
)
_INVALID = [
    "#drawing=",
    "#drawing=AQ",  # an old link without strokes
    "#drawing=AgECAg",  # of an unknown version
    "#drawing=AQMCAg",  # an old link, cut off
    "#drawing=AQA",  # a stroke without points
    "#drawing=eJyLjjbVMTWIjQUACf",  # [[5,50]], cut off
    "#drawing=eJyrVipJrShRsoqOrQUAF74D9A",  # {"text":[]}
    "#drawing=%%%",
    "#drawing=" + "A" * 100_000,
]


def _share(page: Page) -> str:
    """Return the fragment of the link that the button copies."""
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".notice")).to_contain_text("Link copied.")
    link = str(page.evaluate("navigator.clipboard.readText()"))
    assert re.fullmatch(r"http://[^/?#]+/#drawing=[\w-]+", link)
    return link[link.index("#") :]


@pytest.fixture
def sharing(open_page: OpenPage) -> Page:
    """The page in a browser that allows copying."""
    return open_page(**DESKTOP, permissions=["clipboard-read", "clipboard-write"])


def test_link_opens_the_drawing_in_another_browser(sharing: Page, open_page: OpenPage) -> None:
    """The link shows and reads the same drawing, whose own link is the same; it is short and never sent."""
    before = sharing.url
    Pen(sharing).draw(side_by_side("42"))
    expect(sharing.locator("#answer")).to_have_text("42")
    fragment = _share(sharing)
    assert sharing.url == before
    assert len(fragment) < 2000
    other = open_page(**PHONE, permissions=["clipboard-read", "clipboard-write"])
    urls: list[str] = []
    other.on("request", lambda request: urls.append(request.url))
    with other.expect_response(READING_URL):
        other.evaluate("fragment => (location.hash = fragment)", fragment)
    expect(other.locator("#answer")).to_have_text("42")
    expect_ink(other, some=True)
    assert not any("drawing=" in url for url in urls)
    assert _share(other) == fragment


def test_old_link_opens(open_page: OpenPage) -> None:
    """Links in the earlier encoding still open."""
    page = open_page("/" + _OLD_LINK)
    expect(page.locator("#answer")).to_have_text("42")
    expect_ink(page, some=True)


def test_link_in_the_open_page_is_loaded(sharing: Page) -> None:
    """When only the fragment changes, the drawing is loaded, and undo restores the drawing before."""
    Pen(sharing).draw(DIGITS["7"])
    fragment = _share(sharing)
    sharing.get_by_role("button", name="Clear").click()
    Pen(sharing).draw(DIGITS["1"])
    expect(sharing.locator("#answer")).to_have_text("1")
    sharing.evaluate("fragment => (location.hash = fragment)", fragment)
    expect(sharing.locator("#answer")).to_have_text("7")
    sharing.keyboard.press("Control+z")
    expect(sharing.locator("#answer")).to_have_text("1")


def test_changed_drawing_removes_its_link(open_page: OpenPage) -> None:
    """The address keeps an opened link until the drawing changes."""
    page = open_page("/" + _OLD_LINK)
    expect(page.locator("#answer")).to_have_text("42")
    assert page.url.endswith(_OLD_LINK)
    for opened in ("", _OLD_LINK):  # a second time
        page.evaluate("fragment => (location.hash = fragment)", opened)
    next_frame(page)
    assert page.evaluate("location.hash") == _OLD_LINK
    Pen(page).draw([[(0.8, 0.1)]])
    expect(page).to_have_url(re.compile("/$"))


def test_invalid_link_is_reported(open_page: OpenPage) -> None:
    """An invalid or overlong link gives a message and an empty pad that can be drawn on."""
    page = open_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for fragment in _INVALID:
        page.evaluate("fragment => (location.hash = fragment)", fragment)
        expect(page.locator(".notice"), fragment[:20]).to_contain_text("valid drawing")
        Pen(page).draw(DIGITS["1"])
        expect(page.locator("#answer")).to_have_text("1")
        page.keyboard.press("Escape")
        expect(page.locator(".notice")).to_be_empty()
    assert errors == []


def test_other_fragments_are_ignored(open_page: OpenPage) -> None:
    """A fragment with another purpose gives no message."""
    page = open_page("/#about")
    expect(page.get_by_role("button", name="Example: 42")).to_be_visible()
    expect(page.locator(".notice")).to_be_empty()


def test_overlong_drawing_is_reported(page: Page) -> None:
    """A drawing that is too long for a link gives a message."""
    page.evaluate(
        """() => {
            const canvas = document.querySelector("#digit-pad canvas");
            const { left, top, width } = canvas.getBoundingClientRect();
            const random = (step) => Math.abs(Math.sin(step) * 1e4) % 1;
            const send = (type, step) => canvas.dispatchEvent(new PointerEvent(type, { bubbles: true,
                clientX: left + random(step) * width, clientY: top + random(-2 * step) * width }));
            canvas.setPointerCapture = () => {};
            send("pointerdown", 0);
            for (let step = 1; step < 4000; step += 1) send("pointermove", step);
            send("pointerup", 0);
        }"""
    )
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".notice")).to_contain_text("too long for a link")


def test_link_is_shown_without_a_clipboard(page: Page, pen: Pen) -> None:
    """Where copying is not possible, the link is shown and selected until the drawing changes."""
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    pen.draw(DIGITS["7"])
    page.get_by_role("button", name="Share").click()
    link = page.get_by_role("textbox", name="Text to copy")
    expect(link).to_be_focused()
    expect(link).to_have_value(re.compile("#drawing="))
    assert page.evaluate("getSelection().toString()") == link.input_value()
    pen.draw([[(0.9, 0.9)]])
    expect(link).to_be_hidden()


def test_phone_shares_with_its_own_dialog(phone: Page, finger: Finger) -> None:
    """Where the system has a share dialog, it receives the link."""
    phone.evaluate("navigator.share = async (shared) => { window.shared = shared; }")
    finger.draw(DIGITS["7"])
    phone.get_by_role("button", name="Share").tap()
    phone.wait_for_function("window.shared")
    assert "#drawing=" in phone.evaluate("shared.url")


def test_photograph_cannot_be_shared(page: Page) -> None:
    """For a picture the button is disabled, and its tooltip gives the reason."""
    page.locator("input[type=file]").set_input_files(
        {"name": "picture", "mimeType": "image/jpeg", "buffer": photograph("27")}
    )
    expect(page.locator("#answer")).to_have_text("27")
    share = page.get_by_role("button", name="Share")
    expect(share).to_be_disabled()
    expect(share).to_have_attribute("title", re.compile("too large for a link"))


def test_shared_drawing_is_replayed(open_page: OpenPage) -> None:
    """A shared drawing appears stroke by stroke, and at once where motion is reduced."""
    page = open_page("/", **DESKTOP, media={"reduced_motion": "no-preference"})
    page.evaluate("fragment => (location.hash = fragment)", _OLD_LINK)
    page.wait_for_timeout(150)
    part = count_ink(page)
    expect(page.locator("#answer")).to_have_text("42")
    assert part < 0.8 * count_ink(page)
