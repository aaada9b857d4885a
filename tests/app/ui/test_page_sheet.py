"""The sheet below the pad: room to the right, a drawing that is kept, and the replay of a shared one."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import DESKTOP, OpenPage
from tests.app.ui.pen import DIGITS, Finger, Pen, count_ink, expect_ink, side_by_side
from tests.app.ui.test_page_share import _OLD_LINK

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
    """A reloaded page shows the drawing, until it is cleared."""
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    page.wait_for_function("localStorage.length === 1")
    page.reload()
    expect(page.locator("#answer")).to_have_text("42")
    page.keyboard.press("Escape")
    page.wait_for_function("localStorage.length === 0")
    page.reload()
    page.wait_for_selector(".workspace[data-ready]")
    expect_ink(page, some=False)


def test_shared_drawing_is_replayed(open_page: OpenPage) -> None:
    """A shared drawing appears stroke by stroke, and at once where motion is reduced."""
    page = open_page("/", **DESKTOP, reduced_motion="no-preference")
    page.evaluate("fragment => (location.hash = fragment)", _OLD_LINK)
    page.wait_for_timeout(150)
    part = count_ink(page)
    expect(page.locator("#answer")).to_have_text("42")
    assert part < 0.8 * count_ink(page)


def test_reading_is_calm(page: Page) -> None:
    """While a 5 is written, no refusal is shown; the sentence appears once, when the pen rests."""
    page.evaluate(
        """() => {
            const parts = ["#answer", ".reading-verdict"].map((name) => document.querySelector(name));
            window.seen = [];
            const reading = document.querySelector(".reading");
            const look = () => seen.push([reading.dataset.state, parts[1].textContent]);
            for (const part of parts) new MutationObserver(look).observe(part, { childList: true });
        }"""
    )
    pen = Pen(page)
    for stroke in DIGITS["5"]:
        pen.press(stroke[0])
        for point in stroke[1:]:
            pen.move(point)
            page.wait_for_timeout(30)
        pen.lift()
    expect(page.locator(".reading-verdict")).to_contain_text("5")
    seen = page.evaluate("seen")
    assert "doubtful" not in {state for state, _ in seen}
    assert len({sentence for _, sentence in seen} - {""}) == 1


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
    assert page.evaluate("shift") < 0.001


@pytest.mark.parametrize(
    ("locale", "title", "undo"),
    [
        ("de-AT", "Handgeschriebene Ziffern", "Zurück"),
        ("fr", "Chiffres manuscrits", "Annuler"),
        ("es-MX", "Cifras manuscritas", "Deshacer"),
        ("pl", "Handwritten digits", "Undo"),
    ],
)
def test_page_speaks_the_language_of_the_browser(
    open_page: OpenPage, locale: str, title: str, undo: str
) -> None:
    """The page is in German, French, Spanish, or else in English."""
    page = open_page(locale=locale)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("button", name=undo)).to_be_visible()
    Pen(page).draw(DIGITS["7"])
    expect(page.locator(".reading-verdict")).to_contain_text("7, ")
    assert page.evaluate("document.documentElement.lang") == (locale[:2] if locale != "pl" else "en")


def test_texts_are_complete(page: Page) -> None:
    """Each language has the texts of all others, and one for each key in the page's markup."""
    keys = page.evaluate(
        """async () => {
            const { TEXTS } = await import(new URL("ui/texts.js", document.baseURI));
            const marked = [...document.querySelectorAll("[data-text], [data-title], [data-label]")]
                .flatMap(({ dataset: { text, title, label } }) => [text, title, label].filter(Boolean));
            const wanted = new Set([...marked, ...Object.keys(TEXTS.en)]);
            const { en, ...others } = TEXTS;
            return Object.entries(others).map(([language, texts]) =>
                [...wanted].filter((key) => !(key in texts)).map((key) => `${language}: ${key}`)).flat();
        }"""
    )
    assert keys == []


def test_camera_takes_a_picture(open_page: OpenPage) -> None:
    """On a computer, the camera's live picture is shown, and one is put on the pad."""
    page = open_page(**DESKTOP, permissions=["camera"])
    page.get_by_role("button", name="Camera").click()
    page.wait_for_function("document.querySelector('.camera video').videoWidth > 0")
    page.get_by_role("button", name="Take the picture").click()
    expect(page.locator(".digit-pad-photo")).to_be_visible()
    expect(page.locator(".camera")).to_be_hidden()
    assert page.evaluate("document.querySelector('.camera video').srcObject") is None


def test_refused_camera_is_reported(open_page: OpenPage) -> None:
    """Without a permission, a message names the way to go on."""
    page = open_page(**DESKTOP)
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException()); }")
    page.get_by_role("button", name="Camera").click()
    expect(page.locator(".notice")).to_contain_text("Choose a file")


def test_visit_without_a_network_is_answered(browser: Browser, server: str) -> None:
    """After a first visit, a visit without a network gets a page that says so, and the drawing is kept."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(server)
    page.wait_for_selector(".workspace[data-ready]")
    Pen(page).draw(DIGITS["7"])
    page.wait_for_function("localStorage.length === 1")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    context.set_offline(True)
    page.reload()
    expect(page.locator("body")).to_contain_text("There is no network.")
    context.set_offline(False)
    expect(page.locator("#answer")).to_have_text("7", timeout=20_000)
    context.close()
