"""Pictures on the pad: chosen, dropped, pasted or photographed, and read like a drawing."""

import json
import re
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.app.conftest import PHONE, READING_URL, OpenPage
from tests.app.paper import expect_ink
from tests.app.pen import DIGITS, Pen
from tests.app.photographs import cut_out, photograph
from tests.pictures import encode

# Puts a file on the page as the browser does for `kind`, "drop" or "paste".
_HAND_OVER = """([kind, base64, type]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "picture", { type }));
    const options = { bubbles: true, cancelable: true };
    const event = kind === "drop"
        ? new DragEvent("drop", { ...options, dataTransfer: data })
        : new ClipboardEvent("paste", { ...options, clipboardData: data });
    document.querySelector("#digit-pad canvas").dispatchEvent(event);
}"""


def _choose(page: Page, data: bytes, *, kind: str = "image/jpeg") -> None:
    page.locator("input[type=file]").set_input_files(FilePayload(name="picture", mimeType=kind, buffer=data))


def _hand_over(page: Page, way: str, data: bytes) -> None:
    page.evaluate(_HAND_OVER, [way, b64encode(data).decode(), "image/jpeg"])


def _sent(request: Any) -> Image.Image:
    """The picture that the page sent to be read."""
    data = str(json.loads(request.post_data or "{}")["data"])
    return Image.open(BytesIO(b64decode(data.partition(",")[2])))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_chosen_picture_is_read(page: Page, kind: str) -> None:
    """A picture chosen by the button lies on the pad, and its digits are the answer."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Photo").click()
    data = photograph("408", kind=kind)
    chooser.value.set_files(FilePayload(name="picture", mimeType=f"image/{kind.lower()}", buffer=data))
    expect(page.locator("#answer")).to_have_text("408")
    expect(page.get_by_alt_text("The picture being read")).to_be_visible()
    expect(page.locator(".digit-box")).to_have_count(3)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_dropped_or_pasted_picture_is_read(page: Page, way: str) -> None:
    """A picture dropped or pasted anywhere on the page is read."""
    _hand_over(page, way, photograph("27"))
    expect(page.locator("#answer")).to_have_text("27")


def test_picture_is_pasted_by_keyboard_alone(open_page: OpenPage) -> None:
    """Ctrl+V puts the clipboard's picture on the pad, with nothing focused."""
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async (base64) => {
            const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob();
            await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }""",
        b64encode(photograph("27", kind="PNG")).decode(),
    )
    page.keyboard.press("Control+v")
    expect(page.locator("#answer")).to_have_text("27")


def test_phone_offers_its_camera(open_page: OpenPage) -> None:
    """The input of files asks for pictures, for which a phone offers the camera; one taken is read."""
    page = open_page(**PHONE)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Photo").tap()
    assert "image/*" in str(chooser.value.element.get_attribute("accept"))
    chooser.value.set_files(FilePayload(name="camera.jpg", mimeType="image/jpeg", buffer=photograph("35")))
    expect(page.locator("#answer")).to_have_text("35")


def test_large_turned_photograph_is_sent_small_and_upright(page: Page) -> None:
    """Twelve megapixels from a camera on its side are turned upright and shrunk before they leave."""
    with page.expect_request(READING_URL) as request:
        _choose(page, photograph("408", width=4000, turned=True))
    sent = _sent(request.value)
    assert (max(sent.size), sent.format) == (1600, "JPEG")
    assert sent.width > sent.height
    expect(page.locator("#answer")).to_have_text("408")


def test_box_lies_on_its_digit_in_a_wide_picture(page: Page) -> None:
    """All of a picture is shown, in the middle of the pad, and the boxes are where its digits are."""
    _choose(page, photograph("88"))
    expect(page.locator(".digit-box")).to_have_count(2)
    pad = page.locator("#digit-pad canvas").bounding_box()
    assert pad is not None
    for box in page.locator(".digit-box").all():
        area = box.bounding_box()
        assert area is not None
        middle = (area["y"] + area["height"] / 2 - pad["y"]) / pad["height"]
        assert middle == pytest.approx(0.5, abs=0.08)


def test_picture_keeps_its_colours_in_the_dark(open_page: OpenPage) -> None:
    """Dark paper turns the ink of drawings light, but never a photograph."""
    page = open_page(color_scheme="dark")
    _choose(page, photograph("27"))
    picture = page.get_by_alt_text("The picture being read")
    expect(picture).to_be_visible()
    expect(picture).to_have_css("filter", "none")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_light_ink_on_nothing_is_seen_and_read(page: Page, kind: str) -> None:
    """A transparent picture stays transparent on its way, and lies on a ground of its own."""
    _choose(page, cut_out("27", kind=kind), kind=f"image/{kind.lower()}")
    expect(page.locator("#answer")).to_have_text("27")
    expect(page.get_by_alt_text("The picture being read")).to_have_css(
        "background-image", re.compile("gradient")
    )


def test_undo_brings_the_drawing_back(page: Page, pen: Pen) -> None:
    """A picture takes the drawing's place, undo gives the place back, and redo the picture's."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _choose(page, photograph("408"))
    expect(page.locator("#answer")).to_have_text("408")
    expect_ink(page, some=False)
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("7")
    expect(page.get_by_alt_text("The picture being read")).to_be_hidden()
    page.keyboard.press("Control+y")
    expect(page.locator("#answer")).to_have_text("408")


def test_newer_input_wins_over_a_picture_being_opened(page: Page, pen: Pen) -> None:
    """A picture that is opened after one has drawn is dropped, and of two pictures the later one stays."""
    page.evaluate(
        """() => {
            const open = createImageBitmap;
            window.opened = [];
            createImageBitmap = (file) => new Promise((end) => opened.push(() => open(file).then(end)));
        }"""
    )
    _choose(page, photograph("408"))
    page.wait_for_function("opened.length === 1")
    pen.draw(DIGITS["7"])
    page.evaluate("() => opened[0]()")
    expect(page.locator("#answer")).to_have_text("7")
    expect(page.get_by_alt_text("The picture being read")).to_be_hidden()
    for count, number in ((2, "35"), (3, "27")):
        _choose(page, photograph(number))
        page.wait_for_function(f"opened.length === {count}")
    page.evaluate("() => opened[2]()")
    expect(page.locator("#answer")).to_have_text("27")
    page.evaluate("() => opened[1]().then(() => new Promise(requestAnimationFrame))")
    expect(page.locator("#answer")).to_have_text("27")


def test_pen_on_a_picture_starts_a_drawing(page: Page, pen: Pen) -> None:
    """Whoever draws wants a drawing: the picture goes when the pen is put down."""
    _choose(page, photograph("408"))
    expect(page.locator("#answer")).to_have_text("408")
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    expect(page.get_by_alt_text("The picture being read")).to_be_hidden()


def test_file_that_is_no_picture_is_refused_quietly(page: Page, pen: Pen) -> None:
    """A sentence says so, and the drawing and its reading stay."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _choose(page, b"no picture")
    expect(page.locator(".notice")).to_have_text("This file can't be opened. Use PNG, JPEG, WebP, GIF or BMP.")
    expect(page.locator("#answer")).to_have_text("7")
    expect_ink(page, some=True)


def test_huge_file_is_refused_quietly(page: Page) -> None:
    """A file larger than any camera makes is not even opened. This one only says that it is so large."""
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["small"], "huge.jpg", { type: "image/jpeg" }));
            Object.defineProperty(Blob.prototype, "size", { get: () => 60_000_001 });
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
        }"""
    )
    expect(page.locator(".notice")).to_have_text("This picture is too large.")


def test_drop_without_a_file_does_nothing(page: Page) -> None:
    """What is said to be files and holds none is left alone."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            Object.defineProperty(data, "types", { value: ["Files"] });
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
            return new Promise(requestAnimationFrame);
        }"""
    )
    assert complaints == []


def test_picture_without_digits_says_so(page: Page) -> None:
    """An empty sheet is not an error."""
    _choose(page, encode(Image.new("RGB", (640, 480), (230, 225, 215))), kind="image/png")
    expect(page.locator(".reading-verdict")).to_have_text("No digit was found.")
    expect(page.locator("#answer")).to_have_text("")


def test_text_that_is_pasted_is_none_of_the_pads_business(page: Page, pen: Pen) -> None:
    """Pasting text does nothing."""
    pen.draw(DIGITS["7"])
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "42");
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    expect(page.locator("#answer")).to_have_text("7")
    expect(page.locator(".notice")).to_be_empty()


def test_server_reads_no_more_pixels_than_the_page_sends(server: str) -> None:
    """A picture of too many pixels, sent past the page's own shrinking, is refused by its size."""
    huge = encode(Image.new("1", (4000, 4000)))
    config = httpx2.get(f"{server}/config").json()
    [workspace] = [each for each in config["components"] if each["props"].get("elem_id") == "workspace"]
    question = {
        "session_hash": "test",
        "component_id": workspace["id"],
        "fn_name": "read_drawing",
        "data": f"data:image/png;base64,{b64encode(huge).decode()}",
    }
    answer = httpx2.post(f"{server}/gradio_api/component_server/", json=question).json()
    assert answer["sentence"] == "This picture has too many pixels."
