"""The static page reads drawings in the browser, and shows a reading as the app's page does."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.app.conftest import PHONE
from tests.app.photographs import photograph
from tests.app.ui.pen import DIGITS, Finger, Pen, side_by_side
from tests.space.static_space.conftest import OpenStatic
from tests.space.static_space.folders import READER_PATHS

pytestmark = pytest.mark.slow

_EXAMPLES = {
    "42": "42",
    "2026": "2026",
    "a barred 7": "7",
    "a slashed 0": "0",
    "two lines: 385 and 19": "385\n19",
    "a letter, no digit": "",
}


def test_digit_is_read_while_it_is_drawn(page: Page) -> None:
    """The reading is there before the pen is lifted: confidences of about 100 % and the normalised image."""
    pen = Pen(page)
    pen.press(DIGITS["1"][0][0])
    pen.move(DIGITS["1"][0][1])
    expect(page.locator("#answer")).to_have_text("1")
    pen.lift()
    shares = [float(share.strip() or 0) for share in page.locator(".bar-share").all_inner_texts()]
    assert sum(shares) == pytest.approx(100, abs=5)
    seen = page.locator(".normalised-image")
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]


@pytest.mark.parametrize(("name", "text"), _EXAMPLES.items())
def test_examples_are_read(page: Page, name: str, text: str) -> None:
    """Each example is read, whole lines included, and the letter is marked as doubtful."""
    page.get_by_role("button", name=f"Example: {name}").click()
    expect(page.locator(".reading")).to_have_attribute("data-state", "read" if text else "doubtful")
    expect(page.locator("#answer")).to_have_text(text)


@pytest.mark.parametrize("number", ["27", "408"])
def test_picture_is_read(page: Page, number: str) -> None:
    """A photograph under uneven light is read in the browser, with a box around each digit."""
    page.locator("input[type=file]").set_input_files(
        {"name": "picture", "mimeType": "image/jpeg", "buffer": photograph(number)}
    )
    expect(page.locator("#answer")).to_have_text(number)
    expect(page.locator(".digit-box")).to_have_count(len(number))
    expect(page.locator(".about-text")).not_to_contain_text("sent to this server")


def test_finger_draws_on_a_phone(open_static: OpenStatic) -> None:
    """The page fits into 390 pixels, and a number drawn with a finger is read."""
    phone = open_static(**PHONE)
    Finger(phone).draw(side_by_side("35"))
    expect(phone.locator("#answer")).to_have_text("35")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_only_the_model_is_requested_from_elsewhere(
    open_static: OpenStatic, static_url: str, model_url: str
) -> None:
    """The page requests nothing but the model from other hosts, and its policy blocks other requests."""
    urls: list[str] = []
    errors: list[str] = []

    def watch(page: Page) -> None:
        page.on("request", lambda request: urls.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    page = open_static(watch=watch)
    page.get_by_role("button", name="Example: 42").click()
    expect(page.locator("#answer")).to_have_text("42")
    elsewhere = {url for url in urls if not url.startswith((static_url, "data:"))}
    assert elsewhere == {model_url + path for path in READER_PATHS}
    assert errors == []
    assert "Failed to fetch" in page.evaluate("() => fetch('http://127.0.0.1:9/').catch(String)")
    assert any("Content Security Policy" in error for error in errors)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_accessible(page: Page, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds nothing serious with a number read and About open."""
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("button", name="Example: 42").click()
    page.locator(".about").evaluate("about => (about.open = true)")
    expect(page.get_by_role("button", name="Digit 2 of 2")).to_be_visible()
    page.wait_for_timeout(400)  # until transitions end: axe measures the contrast of the moment
    violations = Axe().run(page).response["violations"]
    assert [each["id"] for each in violations if each["impact"] in {"serious", "critical"}] == []
