"""The page around the pad: its looks, its quietness, and what it refuses."""

import json
import re
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

import httpx2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.recognition.reading import Reading
from app.ui.presentation import present_failure, present_reading
from tests.app.conftest import DESKTOP, READING_URL, OpenPage
from tests.app.pen import DIGITS, Pen
from tests.app.readings import make_digit
from tests.pictures import encode

# A white picture, in which there is nothing to be explained.
_WHITE = "data:image/png;base64," + b64encode(encode(np.full((28, 28), 255, np.uint8))).decode()
_ASK = "/gradio_api/component_server/"


def test_empty_pad_shows_hint_and_no_answer(page: Page) -> None:
    """Before anything is drawn there is a friendly hint, and no text of an answer."""
    expect(page.get_by_text("Draw a digit or a number")).to_be_visible()
    expect(page.locator("#answer")).to_have_text("")


def test_hint_goes_with_the_first_stroke(page: Page, pen: Pen) -> None:
    """The hint is not in the way of the drawing."""
    pen.draw(DIGITS["1"])
    expect(page.locator(".digit-pad-hint")).to_have_css("opacity", "0")


def test_bars_show_ten_labelled_percentages(page: Page, pen: Pen) -> None:
    """Ten bars name their digits and give percentages that make about a hundred."""
    pen.draw(DIGITS["0"])
    expect(page.locator("#answer")).to_have_text("0")
    assert page.locator(".reading-digit").all_inner_texts() == list("0123456789")
    assert sum(int(share) for share in page.locator(".reading-share").all_inner_texts()) in range(95, 106)


def test_what_was_seen_is_shown_crisply(page: Page, pen: Pen) -> None:
    """The 28 x 28 pixels that the reader saw are shown as squares, not blurred."""
    pen.draw(DIGITS["0"])
    seen = page.get_by_alt_text("The digit as normalised")
    expect(seen).to_have_css("image-rendering", "pixelated")
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]


def test_what_is_no_digit_is_said_to_be_none(page: Page, pen: Pen) -> None:
    """A reading that is not accepted gets a calm sentence and no answer."""
    markup = present_reading(Reading("", (make_digit(3, accepted=False),)))
    page.route(READING_URL, lambda route: route.fulfill(json=markup))
    pen.draw(DIGITS["3"])
    expect(page.locator(".reading-verdict")).to_have_text(
        "This does not look like a digit. The closest is a 3."
    )
    expect(page.locator("#answer")).to_have_text("")


def test_nothing_jumps_while_drawing(page: Page, pen: Pen) -> None:
    """The reading has the same place and size when empty and when full."""
    empty = page.locator(".reading").bounding_box()
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    assert page.locator(".reading").bounding_box() == empty


def test_no_request_leaves_the_server(open_page: OpenPage, server: str) -> None:
    """Opening the page and drawing asks nothing of any other host, and leaves no error in the console."""
    page = open_page(**DESKTOP)
    urls: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: urls.add(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.reload(wait_until="networkidle")
    Pen(page).draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    hosts = {urlsplit(url).netloc for url in urls if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(server).netloc}
    assert complaints == []


def test_dark_theme_by_link_and_by_preference(open_page: OpenPage) -> None:
    """Gradio's ?__theme=dark and a dark system both give dark paper; otherwise the paper is white."""

    def paper(path: str, **options: Any) -> str:
        page = open_page(path, **DESKTOP, **options)
        return str(
            page.locator(".digit-pad-paper").evaluate("paper => getComputedStyle(paper).backgroundColor")
        )

    assert paper("/") == "rgb(255, 255, 255)"
    dark = paper("/?__theme=dark")
    assert dark == paper("/", color_scheme="dark")
    assert dark != "rgb(255, 255, 255)"


def test_picture_to_be_read_depends_on_strokes_alone(open_page: OpenPage) -> None:
    """Neither the theme nor the screen's density changes the picture that is sent."""

    def picture(**options: Any) -> str:
        page = open_page(**options)
        with page.expect_request(READING_URL) as request:
            Pen(page).draw([[(0.5, 0.5)]])
        return str(json.loads(request.value.post_data or "{}")["data"])

    light = picture(**DESKTOP)
    assert light.startswith("data:image/png;base64,")
    assert picture(**DESKTOP, color_scheme="dark", device_scale_factor=2) == light


def test_page_tells_screen_readers_what_is_what(page: Page) -> None:
    """The pad has a name and can be reached by keyboard, and the answer is announced."""
    pad = page.get_by_role("img", name="Drawing pad")
    pad.focus()
    expect(pad).to_be_focused()
    live = page.locator("[aria-live=polite]")
    expect(live.locator("#answer")).to_have_count(1)
    expect(page).to_have_title("Handwritten digits")


def test_footer_names_the_model(page: Page) -> None:
    """The footer says which model reads, that nothing is kept, and where the API is described."""
    expect(page.locator("#model")).not_to_have_text("")
    expect(page.get_by_text("Drawings are not stored.")).to_be_visible()
    page.get_by_role("link", name="API").click()
    expect(page).to_have_url(re.compile("/docs$"))


def test_listeners_of_the_page_are_no_public_api(server: str) -> None:
    """Gradio's own API lists the two tools for programs, and none of the page's inner workings."""
    described = httpx2.get(f"{server}/gradio_api/info").json()
    assert described["named_endpoints"].keys() == {"/read_picture", "/explain_digit"}
    assert described["unnamed_endpoints"] == {}


@pytest.mark.parametrize(
    "sent",
    [None, 7, [], {"image": "x"}, "", "<script>", "data:image/png;base64,????", "data:image/png;base64,AAAA"],
)
def test_anything_but_a_picture_is_refused_calmly(server: str, sent: object) -> None:
    """Whatever is sent in the pad's place gets a plain sentence in answer, without its own words in it."""
    answer = httpx2.post(f"{server}{_ASK}", json=_question(server, sent))
    assert answer.status_code == 200
    assert answer.json() == present_failure("This picture could not be read.")
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "sent",
    [None, 7, [], {}, "x", [None, 0], ["x", 0], [_WHITE, "0"], [_WHITE, 7], [_WHITE, -1], [_WHITE, 0, 0]],
)
def test_what_cannot_be_explained_gets_no_explanation(server: str, sent: object) -> None:
    """Whatever is sent in a question's place is answered by nothing, calmly."""
    question = _question(server, sent) | {"fn_name": "explain_digit"}
    answer = httpx2.post(f"{server}{_ASK}", json=question)
    assert (answer.status_code, answer.json()) == (200, None)


def test_page_takes_no_larger_body_than_the_api(server: str) -> None:
    """A question that is answered is refused once 17 MB of blanks follow it, declared or in chunks."""
    question = json.dumps(_question(server, "")).encode()
    padding = [b" " * 2**20] * 17
    headers = {"Content-Type": "application/json"}
    assert httpx2.post(f"{server}{_ASK}", content=question, headers=headers).status_code == 200
    for body in (b"".join([question, *padding]), iter([question, *padding])):
        assert httpx2.post(f"{server}{_ASK}", content=body, headers=headers).status_code in (400, 413)


def test_no_file_can_be_left_on_the_server(server: str) -> None:
    """Gradio's route for uploads, which would keep what anyone sends, is closed."""
    answer = httpx2.post(f"{server}/gradio_api/upload", files={"files": b"something"})
    assert answer.status_code == 404


def _question(server: str, sent: object) -> dict[str, object]:
    """What the pad asks of the server when its drawing is `sent`."""
    config = httpx2.get(f"{server}/config").json()
    [workspace] = [each for each in config["components"] if each["props"].get("elem_id") == "workspace"]
    return {"session_hash": "test", "component_id": workspace["id"], "fn_name": "read_drawing", "data": sent}
