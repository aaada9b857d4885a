"""The static page: reads in the browser what is drawn, and tells as much of it as the app's page."""

import json
import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.app.pen import DIGITS, Finger, Pen, side_by_side
from tests.space.static_space.conftest import OpenStatic
from tests.space.static_space.folders import READER_PATH

_EXAMPLES = {
    "42": "42",
    "2026": "2026",
    "a barred 7": "7",
    "a slashed 0": "0",
    "two lines: 385 and 19": "38519",
    "a letter, no digit": "",
}


def test_answer_follows_the_pen(page: Page) -> None:
    """The answer is there while the pen is still down."""
    pen = Pen(page)
    pen.press(DIGITS["1"][0][0])
    pen.move(DIGITS["1"][0][1])
    expect(page.locator("#answer")).to_have_text("1")
    pen.lift()


def test_digit_is_told_in_full(page: Page) -> None:
    """One digit has a sentence, ten percentages that make about a hundred, and the 28 x 28 that was seen."""
    Pen(page).draw(DIGITS["3"])
    expect(page.locator("#answer")).to_have_text("3")
    expect(page.locator(".reading-verdict")).to_have_text("Surely a 3.")
    assert sum(int(share) for share in page.locator(".reading-share").all_inner_texts()) in range(95, 106)
    seen = page.locator(".normalised-image")
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]


def test_number_has_a_box_for_each_digit(page: Page) -> None:
    """The boxes lie around the digits where they were drawn, and choose the digit that is told of."""
    Pen(page).draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    page.get_by_role("button", name="Digit 2 of 2: a 2").click()
    expect(page.locator(".reading-bars figcaption")).to_contain_text("digit 2 of 2")
    boxes = [box.bounding_box() for box in page.locator(".digit-box").all()]
    pad = page.locator("#digit-pad canvas").bounding_box()
    assert pad
    middles = [(box["x"] + box["width"] / 2 - pad["x"]) / pad["width"] for box in boxes if box]
    assert middles == [pytest.approx(0.27, abs=0.06), pytest.approx(0.73, abs=0.06)]


@pytest.mark.parametrize(("name", "text"), _EXAMPLES.items())
def test_examples_are_read(page: Page, name: str, text: str) -> None:
    """Each drawing to try is read as what it is, whole lines and a letter included."""
    page.get_by_role("button", name=f"Example: {name}").click()
    expect(page.locator(".reading")).to_have_attribute("data-state", "read" if text else "doubtful")
    expect(page.locator("#answer")).to_have_text(text)


def test_no_digit_is_said_to_be_none(page: Page) -> None:
    """A letter gets a sentence and no answer."""
    page.get_by_role("button", name="Example: a letter, no digit").click()
    expect(page.locator(".reading-verdict")).to_contain_text("does not look like a digit")


def test_keyboard_undoes_and_redoes(page: Page) -> None:
    """Undo takes the drawing back, and redo brings it and its reading."""
    page.get_by_role("button", name="Example: 42").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_text("42")
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("")
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#answer")).to_have_text("42")


def test_reading_is_downloaded_as_the_api_gives_it(page: Page) -> None:
    """The file has the text and each digit with its ten probabilities and its box."""
    page.get_by_role("button", name="Example: 42").click()
    expect(page.locator("#answer")).to_have_text("42")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the reading").click()
    reading = json.loads(download.value.path().read_text())
    assert reading["text"] == "42"
    fields = {"digit", "confidence", "digit_score", "accepted", "probabilities", "box"}
    assert [set(digit) for digit in reading["digits"]] == [fields, fields]


def test_page_offers_nothing_that_it_cannot_do(page: Page) -> None:
    """There is no button for photographs or explanations, and a picture that is dropped gets a sentence."""
    expect(page.get_by_role("button", name=re.compile("Photo|Why"))).to_have_count(0)
    page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["x"], "seven.png", { type: "image/png" }));
            const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
            document.body.dispatchEvent(drop);
        }"""
    )
    expect(page.locator(".notice")).to_contain_text("reads drawings only")


def test_finger_draws_on_a_phone(phone: Page) -> None:
    """On 390 pixels all is there without scrolling sideways, and a finger's number is read."""
    Finger(phone).draw(side_by_side("35"))
    expect(phone.locator("#answer")).to_have_text("35")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_nothing_is_asked_for_but_the_model(open_static: OpenStatic, static_url: str, model_url: str) -> None:
    """Of other hosts the page asks for the model alone, whatever is drawn; anything else it is forbidden."""
    urls: list[str] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("request", lambda request: urls.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )

    page = open_static(watch=watch)
    page.get_by_role("button", name="Example: 42").click()
    expect(page.locator("#answer")).to_have_text("42")
    elsewhere = {url for url in urls if not url.startswith((static_url, "data:"))}
    assert elsewhere == {model_url + READER_PATH}
    assert complaints == []
    assert "Failed to fetch" in page.evaluate("() => fetch('http://127.0.0.1:9/').catch(String)")
    assert any("Content Security Policy" in complaint for complaint in complaints)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_barriers(page: Page, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds nothing serious with a number read and About open, in the light and in the dark."""
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("button", name="Example: 42").click()
    page.locator("details").evaluate("about => (about.open = true)")
    expect(page.get_by_role("button", name="Digit 2 of 2")).to_be_visible()
    page.wait_for_timeout(400)  # until nothing fades any more: axe measures contrast as it is just now
    violations = Axe().run(page).response["violations"]
    assert [each["id"] for each in violations if each["impact"] in {"serious", "critical"}] == []
