"""What can be done with a reading: copy it, download it and the drawing, and start from an example."""

import json
from io import BytesIO
from pathlib import Path

import httpx2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.app.conftest import DESKTOP, OpenPage
from tests.app.paper import expect_ink
from tests.app.pen import DIGITS, Pen, side_by_side
from tests.app.photographs import photograph
from tests.pictures import encode


def _download(page: Page, name: str) -> tuple[str, bytes]:
    """Name and content of the file that a button saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_number_is_copied(open_page: OpenPage) -> None:
    """The button copies the number and nothing else, and says so."""
    page = open_page(**DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    Pen(page).draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".notice")).to_have_text("Copied 42.")
    assert page.evaluate("navigator.clipboard.readText()") == "42"


def test_number_is_selected_where_nothing_can_be_copied(page: Page, pen: Pen) -> None:
    """Without a clipboard the number is selected, ready to be copied by keys or by a finger."""
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".notice")).to_contain_text("selected")
    assert page.evaluate("getSelection().toString()").strip() == "7"


def test_number_can_be_selected_by_hand(page: Page, pen: Pen) -> None:
    """A double click on the answer selects it."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.locator("#answer").dblclick(position={"x": 30, "y": 80})
    assert page.evaluate("getSelection().toString()").strip() == "7"


def test_empty_page_offers_nothing_to_take_away(page: Page) -> None:
    """Without a drawing there is nothing to copy, share or save."""
    for name in ("Copy", "Share", "Download the drawing", "Download the reading"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()


def test_saved_drawing_is_read_the_same(page: Page, pen: Pen, server: str) -> None:
    """The drawing is saved as a large PNG, black on white, that the API reads as the page did."""
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    name, data = _download(page, "Download the drawing as PNG")
    picture = Image.open(BytesIO(data))
    assert (name, picture.format, picture.size) == ("digits.png", "PNG", (1024, 1024))
    assert picture.convert("L").getpixel((0, 0)) == 255
    answer = httpx2.post(f"{server}/api/predict", content=data, headers={"Content-Type": "image/png"})
    assert answer.json()["text"] == "42"


def test_saved_photograph_is_the_one_on_the_pad(page: Page) -> None:
    """Of a photograph, a PNG of all of it is saved, and the boxes of its reading are in that PNG's pixels."""
    page.locator("input[type=file]").set_input_files(
        {"name": "picture", "mimeType": "image/jpeg", "buffer": photograph("27", width=700)}
    )
    expect(page.locator("#answer")).to_have_text("27")
    name, data = _download(page, "Download the drawing as PNG")
    picture = Image.open(BytesIO(data))
    assert (name, picture.format, picture.width) == ("digits.png", "PNG", 700)
    saved = json.loads(_download(page, "Download the reading as JSON")[1])
    assert saved["picture"] == {"width": picture.width, "height": picture.height}


def test_saved_reading_has_the_shape_of_the_api(page: Page, pen: Pen, server: str) -> None:
    """The reading is saved as JSON with the text and fields of the API, and the size of what was read."""
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    name, data = _download(page, "Download the reading as JSON")
    saved = json.loads(data)
    asked = encode(np.full((28, 28), 255, np.uint8))
    real = httpx2.post(f"{server}/api/predict", content=asked, headers={"Content-Type": "image/png"}).json()
    assert (name, saved["text"]) == ("reading.json", "42")
    assert saved.pop("picture") == {"width": 256, "height": 256}
    assert saved.keys() <= real.keys()
    documented = httpx2.get(f"{server}/openapi.json").json()["components"]["schemas"]["DigitAnswer"]
    for digit in saved["digits"]:
        assert digit.keys() == documented["properties"].keys()


@pytest.mark.parametrize(
    ("name", "answer"),
    [("42", "42"), ("2026", "2026"), ("a barred 7", "7"), ("a slashed 0", "0"), ("two lines", "38519")],
)
def test_example_is_drawn_and_read(page: Page, name: str, answer: str) -> None:
    """A click on an example draws it and reads it; undo takes it away again."""
    page.get_by_role("button", name=f"Example: {name}").click()
    expect(page.locator("#answer")).to_have_text(answer)
    expect_ink(page, some=True)
    page.keyboard.press("Control+z")
    expect_ink(page, some=False)


def test_example_of_a_letter_is_refused(phone: Page) -> None:
    """The letter among the examples is said to be no digit, by touch and without an answer."""
    phone.get_by_role("button", name="Example: a letter, no digit").tap()
    expect(phone.locator(".reading-verdict")).to_contain_text("This does not look like a digit.")
    expect(phone.locator("#answer")).to_have_text("")
