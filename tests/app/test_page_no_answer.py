"""What the page says and still offers when the server does not answer."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.app.conftest import READING_URL
from tests.app.pen import DIGITS, Pen


@pytest.mark.parametrize("failure", ["connection lost", "server error"])
def test_failed_reading_is_said_quietly_and_asked_again(page: Page, pen: Pen, failure: str) -> None:
    """When no answer comes, a sentence says so, drawing goes on, and the answer comes when it can."""

    def fail(route: Route) -> None:
        if failure == "connection lost":
            route.abort()
        else:
            route.fulfill(status=500, body="Internal Server Error")

    page.route(READING_URL, fail)
    pen.draw(DIGITS["7"])
    expect(page.locator(".reading-verdict")).to_contain_text("No answer. Retrying")
    assert page.locator(".toast-body").count() == 0
    page.unroute(READING_URL)
    expect(page.locator("#answer")).to_have_text("7")


def test_hanging_server_is_said_quietly_and_asked_again(page: Page, pen: Pen) -> None:
    """When no answer comes for some seconds, a sentence says so in the old one's place."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.evaluate("() => { const wait = setTimeout; setTimeout = (act, time) => wait(act, time / 20); }")
    held: list[Route] = []
    page.route(READING_URL, lambda route: held.append(route))
    pen.draw([[(0.5, 0.5)]])
    expect(page.locator(".reading-verdict")).to_contain_text("No answer. Retrying")
    expect(page.locator("#answer")).to_have_text("")
    page.unroute(READING_URL)
    expect(page.locator("#answer")).to_have_text("7")


def test_drawing_is_offered_before_it_is_read(page: Page, pen: Pen) -> None:
    """What needs no reading waits for none: the drawing can be shared and saved as soon as there is ink."""
    held: list[Route] = []
    page.route(READING_URL, lambda route: held.append(route))
    pen.draw(DIGITS["7"])
    for name in ("Share", "Download the drawing"):
        expect(page.get_by_role("button", name=name)).to_be_enabled()
    expect(page.get_by_role("button", name="Download the reading")).to_be_disabled()
