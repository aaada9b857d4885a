"""The page when readings fail: it reports that, goes on, and reads again."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.ui.presentation import present_reading
from tests.app.conftest import READING_URL
from tests.app.readings import make_digit, make_reading
from tests.app.ui.pen import DIGITS, Pen

pytestmark = pytest.mark.slow

# Connects the page's elements to a reader whose first calls fail; `faulty` names how.
_OPEN_FAULTY_WORKSPACE = """async ([faulty, reading]) => {
    const old = document.querySelector(".workspace");
    const root = old.cloneNode(true);
    old.replaceWith(root);
    const { openWorkspace } = await import(new URL("ui/workspace.js", document.baseURI));
    let calls = 0;
    const fail = () => { throw new Error("failed on purpose"); };
    openWorkspace(root, {
        read: faulty === "throw" ? () => (calls++ === 0 ? fail() : Promise.resolve(reading))
            : async () => (faulty === "reject" && calls++ === 0 ? fail() : reading),
        explain: async () => fail(),
    });
}"""


@pytest.mark.parametrize(
    "failure",
    [None, {"status": 500, "body": "Internal Server Error"}, {"body": "<html>"}, {"json": {"text": "7"}}],
    ids=["connection lost", "server error", "not JSON", "malformed reading"],
)
def test_failed_request_is_reported_and_repeated(
    page: Page, pen: Pen, failure: dict[str, Any] | None
) -> None:
    """While requests fail, a sentence reports it without an error box; the reading follows afterwards."""
    page.route(READING_URL, lambda route: route.fulfill(**failure) if failure else route.abort())
    pen.draw(DIGITS["7"])
    expect(page.locator(".reading")).to_have_attribute("data-old", "")
    expect(page.locator(".reading-verdict")).to_contain_text("Retrying")
    assert page.locator(".toast-body").count() == 0
    page.unroute(READING_URL)
    expect(page.locator("#answer")).to_have_text("7")


@pytest.mark.parametrize("faulty", ["reject", "throw"])
def test_reading_goes_on_after_an_exception(page: Page, faulty: str) -> None:
    """A read that rejects or throws is repeated, and later drawings are read."""
    page.evaluate(_OPEN_FAULTY_WORKSPACE, [faulty, present_reading(make_reading("7", make_digit(7)))])
    pen = Pen(page)
    pen.draw([[(0.5, 0.5)]])
    expect(page.locator(".reading")).to_have_attribute("data-old", "")
    expect(page.locator("#answer")).to_have_text("7")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#answer")).to_have_text("")
    pen.draw([[(0.5, 0.5)]])
    expect(page.locator("#answer")).to_have_text("7")


def test_failed_explanation_is_reported(page: Page) -> None:
    """An explanation that rejects is reported by a sentence."""
    page.evaluate(_OPEN_FAULTY_WORKSPACE, ["", present_reading(make_reading("7", make_digit(7)))])
    Pen(page).draw([[(0.5, 0.5)]])
    expect(page.locator("#answer")).to_have_text("7")
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".explanation")).to_have_text("No explanation available.")


def test_late_response_is_reported_and_repeated(page: Page, pen: Pen) -> None:
    """When no response arrives for some seconds, the old answer stays and is marked as old."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.evaluate("() => { const wait = setTimeout; setTimeout = (act, time) => wait(act, time / 20); }")
    held: list[Route] = []
    page.route(READING_URL, lambda route: held.append(route))
    pen.draw([[(0.5, 0.5)]])
    expect(page.locator(".reading")).to_have_attribute("data-old", "")
    expect(page.locator(".reading-verdict")).to_contain_text("Retrying")
    expect(page.locator("#answer")).to_have_text("7")
    page.unroute(READING_URL)
    expect(page.locator(".reading")).not_to_have_attribute("data-old", "")


def test_drawing_can_be_saved_before_it_is_read(page: Page, pen: Pen) -> None:
    """Actions that need no reading are enabled as soon as there is ink."""
    page.route(READING_URL, lambda _: None)
    pen.draw(DIGITS["7"])
    page.get_by_text("Save", exact=True).click()
    for name in ("Share", "Drawing as PNG"):
        expect(page.get_by_role("button", name=name)).to_be_enabled()
    for name in ("Copy", "Reading as JSON"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()


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
