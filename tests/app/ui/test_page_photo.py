"""Pictures on the pad: chosen, dropped, pasted or photographed, and read like a drawing."""

import json
import re
from base64 import b64decode, b64encode
from io import BytesIO

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import FilePayload, Page, expect

from tests.app.conftest import DESKTOP, READING_URL, OpenPage, next_frame
from tests.app.photographs import cut_out, photograph
from tests.app.ui.pen import DIGITS, Pen, expect_ink

pytestmark = pytest.mark.slow

_PICTURE = ".digit-pad-photo"
# Sends the event of the browser for `kind`, "drop" or "paste", with a file or, without `base64`, with text.
_SEND_EVENT = """([kind, base64]) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64 ?? ""), (letter) => letter.charCodeAt(0));
    if (base64) data.items.add(new File([bytes], "picture", { type: "image/jpeg" }));
    else data.setData("text/plain", "42");
    const options = { bubbles: true, cancelable: true };
    const event = kind === "drop"
        ? new DragEvent("drop", { ...options, dataTransfer: data })
        : new ClipboardEvent("paste", { ...options, clipboardData: data });
    document.querySelector("#digit-pad canvas").dispatchEvent(event);
}"""


def _choose(page: Page, data: bytes, *, kind: str = "image/jpeg") -> None:
    page.locator("input[type=file]").set_input_files(FilePayload(name="picture", mimeType=kind, buffer=data))


def test_chosen_picture_is_read(page: Page) -> None:
    """A picture chosen with the button is shown on the pad, with boxes around its digits."""
    for kind in ("JPEG", "PNG", "WEBP"):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Picture").click()
        assert "image/*" in str(chooser.value.element.get_attribute("accept"))  # phones then offer the camera
        data = photograph("27", kind=kind)
        chooser.value.set_files(FilePayload(name="picture", mimeType=f"image/{kind.lower()}", buffer=data))
        expect(page.locator("#answer")).to_have_text("27")
        expect(page.locator(_PICTURE)).to_be_visible()
        expect(page.locator(".digit-box")).to_have_count(2)
        pad = page.locator("#digit-pad canvas").bounding_box()
        assert pad is not None
        for box in page.locator(".digit-box").all():
            area = box.bounding_box()
            assert area is not None
            middle = (area["y"] + area["height"] / 2 - pad["y"]) / pad["height"]
            assert middle == pytest.approx(0.5, abs=0.08)  # the wide picture is in the middle of the pad
        page.keyboard.press("Escape")
        expect(page.locator("#answer")).to_be_empty()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_picture_is_turned_upright(page: Page, kind: str) -> None:
    """Each orientation that a camera may write into a file gives the same upright picture."""
    undo = [None, 0, 3, 1, 5, 2, 6, 4]  # Image.Transpose that the orientations from 1 on revert
    upright = Image.open(BytesIO(photograph("27")))
    for orientation, transpose in enumerate(undo, start=1):
        stored = upright if transpose is None else upright.transpose(Image.Transpose(transpose))
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        data = BytesIO()
        stored.save(data, kind, exif=exif)
        _choose(page, data.getvalue(), kind=f"image/{kind.lower()}")
        expect(page.locator("#answer")).to_have_text("27")
        size = page.locator(_PICTURE).evaluate(
            "({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight]"
        )
        assert size[0] / size[1] == pytest.approx(upright.width / upright.height, abs=0.01)
        page.keyboard.press("Escape")
        expect(page.locator("#answer")).to_be_empty()


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_dropped_or_pasted_picture_is_read(page: Page, kind: str) -> None:
    """A picture dropped or pasted anywhere on the page is read; text is ignored."""
    page.evaluate(_SEND_EVENT, [kind, b64encode(photograph("27")).decode()])
    expect(page.locator("#answer")).to_have_text("27")
    page.evaluate(_SEND_EVENT, [kind, None])
    expect(page.locator("#answer")).to_have_text("27")
    expect(page.locator(".notice")).to_be_empty()


def test_picture_is_pasted_by_keyboard(open_page: OpenPage) -> None:
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


def test_large_photograph_is_sent_small_and_upright(page: Page) -> None:
    """Twelve megapixels from a camera held sideways are turned upright and scaled down before upload."""
    with page.expect_request(READING_URL) as request:
        _choose(page, photograph("408", width=4000, turned=True))
    data = str(json.loads(request.value.post_data or "{}")["data"])
    sent = Image.open(BytesIO(b64decode(data.partition(",")[2])))
    assert (max(sent.size), sent.format) == (1600, "JPEG")
    assert sent.width > sent.height
    expect(page.locator("#answer")).to_have_text("408")


def test_picture_keeps_its_colours_on_dark_paper(open_page: OpenPage) -> None:
    """The dark theme inverts drawings but not pictures."""
    page = open_page(media={"color_scheme": "dark"})
    _choose(page, photograph("27"))
    expect(page.locator(_PICTURE)).to_be_visible()
    expect(page.locator(_PICTURE)).to_have_css("filter", "none")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_picture_is_visible_and_read(page: Page, kind: str) -> None:
    """A transparent picture stays transparent when it is sent, and is shown on a pattern."""
    _choose(page, cut_out("27", kind=kind), kind=f"image/{kind.lower()}")
    expect(page.locator("#answer")).to_have_text("27")
    expect(page.locator(_PICTURE)).to_have_css("background-image", re.compile("gradient"))


def test_picture_replaces_the_drawing(page: Page, pen: Pen) -> None:
    """A picture replaces the drawing; undo and redo exchange them; a stroke starts a new drawing."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _choose(page, photograph("408"))
    expect(page.locator("#answer")).to_have_text("408")
    expect_ink(page, some=False)
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("7")
    expect(page.locator(_PICTURE)).to_be_hidden()
    page.keyboard.press("Control+y")
    expect(page.locator("#answer")).to_have_text("408")
    pen.draw(DIGITS["1"])
    expect(page.locator("#answer")).to_have_text("1")
    expect(page.locator(_PICTURE)).to_be_hidden()


def test_newer_input_replaces_a_picture_that_is_being_opened(page: Page, pen: Pen) -> None:
    """A picture that is opened after a stroke is dropped, and of two pictures the later one stays."""
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
    expect(page.locator(_PICTURE)).to_be_hidden()
    for count, number in ((2, "35"), (3, "27")):
        _choose(page, photograph(number))
        page.wait_for_function(f"opened.length === {count}")
    page.evaluate("() => opened[2]()")
    expect(page.locator("#answer")).to_have_text("27")
    page.evaluate("() => opened[1]()")
    next_frame(page)
    expect(page.locator("#answer")).to_have_text("27")


def test_invalid_file_is_reported(page: Page, pen: Pen) -> None:
    """A file that is not a picture gives a message until the next input; the drawing and its reading stay."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    _choose(page, b"not a picture")
    expect(page.locator(".notice")).to_contain_text("can't be opened")
    expect(page.locator("#answer")).to_have_text("7")
    expect_ink(page, some=True)
    _choose(page, photograph("27"))
    expect(page.locator("#answer")).to_have_text("27")
    expect(page.locator(".notice")).to_be_empty()


def test_huge_file_is_not_opened(page: Page) -> None:
    """A file that claims to be larger than any camera's gives a message."""
    page.evaluate("Object.defineProperty(Blob.prototype, 'size', { get: () => 60_000_001 })")
    page.evaluate(_SEND_EVENT, ["drop", b64encode(b"small").decode()])
    expect(page.locator(".notice")).to_have_text("This picture is too large.")


def test_drop_without_a_file_is_ignored(page: Page) -> None:
    """A drop that claims to have files and has none causes no error."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.evaluate("Object.defineProperty(DataTransfer.prototype, 'types', { get: () => ['Files'] })")
    page.evaluate(_SEND_EVENT, ["drop", None])
    next_frame(page)
    assert errors == []


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
