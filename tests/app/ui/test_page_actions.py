"""The actions on a reading, and the examples."""

import json
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.app.conftest import DESKTOP, OpenPage
from tests.app.photographs import photograph
from tests.app.ui.pen import DIGITS, Pen, expect_ink, side_by_side

pytestmark = pytest.mark.slow


def _download(page: Page, name: str) -> tuple[str, bytes]:
    """Return name and content of the file that a button saves."""
    with page.expect_download() as download:
        page.get_by_text("Save", exact=True).click()
        page.get_by_role("button", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_number_is_copied(open_page: OpenPage) -> None:
    """The button copies the number alone and reports it."""
    page = open_page(**DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    Pen(page).draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".notice")).to_have_text("Copied 42.")
    assert page.evaluate("navigator.clipboard.readText()") == "42"


def test_menu_closes(page: Page, pen: Pen) -> None:
    """The menu ends with a choice, with Escape, which keeps the drawing, and with the next stroke."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    entry = page.get_by_role("button", name="Drawing as PNG")
    _download(page, "Drawing as PNG")
    expect(entry).to_be_hidden()
    page.get_by_text("Save", exact=True).click()
    expect(entry).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(page.locator("#answer")).to_have_text("7")
    page.get_by_text("Save", exact=True).click()
    pen.draw(DIGITS["1"])
    expect(entry).to_be_hidden()


def test_number_is_selected_without_a_clipboard(page: Page, pen: Pen) -> None:
    """Where copying is not possible, the number is shown selected."""
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".notice")).to_contain_text("selected")
    assert page.evaluate("getSelection().toString()") == "7"


def test_drawing_and_reading_are_downloaded(page: Page, pen: Pen, server: str) -> None:
    """The drawing is a PNG that the API reads as the page did; the reading has the API's fields."""
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("42")
    name, data = _download(page, "Drawing as PNG")
    picture = Image.open(BytesIO(data))
    assert (name, picture.format, picture.size) == ("digits.png", "PNG", (1024, 1024))
    assert picture.convert("L").getpixel((0, 0)) == 255
    headers = {"Content-Type": "image/png"}
    response = httpx2.post(f"{server}/api/predict", content=data, headers=headers).json()
    name, data = _download(page, "Reading as JSON")
    saved = json.loads(data)
    assert (name, saved["text"], response["text"]) == ("reading.json", "42", "42")
    assert saved.pop("picture") == {"width": 256, "height": 256}
    assert saved.keys() <= response.keys()
    assert saved["digits"][0].keys() == response["digits"][0].keys()


def test_photograph_is_downloaded(page: Page) -> None:
    """A photograph is saved whole, and the boxes of its reading are in its pixels."""
    page.locator("input[type=file]").set_input_files(
        {"name": "picture", "mimeType": "image/jpeg", "buffer": photograph("27", width=700)}
    )
    expect(page.locator("#answer")).to_have_text("27")
    name, data = _download(page, "Drawing as PNG")
    picture = Image.open(BytesIO(data))
    assert (name, picture.format, picture.width) == ("digits.png", "PNG", 700)
    saved = json.loads(_download(page, "Reading as JSON")[1])
    assert saved["picture"] == {"width": picture.width, "height": picture.height}


def test_example_is_drawn_and_read(page: Page) -> None:
    """A click on an example draws and reads it; undo removes it."""
    examples = {"42": "42", "2026": "2026", "a barred 7": "7", "a slashed 0": "0", "two lines": "385 19"}
    for name, answer in examples.items():
        page.get_by_role("button", name=f"Example: {name}").click()
        expect(page.locator("#answer")).to_have_text(answer)
        expect_ink(page, some=True)
        page.keyboard.press("Control+z")
        expect_ink(page, some=False)
