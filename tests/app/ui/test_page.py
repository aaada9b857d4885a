"""The page around the pad: its look, the footer, installation, and what its server functions accept."""

import json
import re
from base64 import b64encode
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.model.loading import load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.ui.page import present_model
from app.ui.presentation import present_failure
from tests.app.conftest import DESKTOP, READING_URL, OpenPage, respond
from tests.app.readings import make_digit
from tests.app.ui.pen import DIGITS, Pen
from tests.pictures import encode

pytestmark = pytest.mark.slow

_BLANK = "data:image/png;base64," + b64encode(encode(np.full((28, 28), 255, np.uint8))).decode()
_TOO_LARGE = "data:image/png;base64," + b64encode(encode(Image.new("1", (4000, 4000)))).decode()


def test_hint_is_shown_until_the_first_stroke(page: Page, pen: Pen) -> None:
    """An empty pad shows a hint and no answer; a stroke removes the hint."""
    hint = page.locator(".digit-pad-hint").first
    expect(hint).to_have_css("opacity", "1")
    expect(page.locator("#answer")).to_have_text("")
    pen.draw(DIGITS["1"])
    expect(hint).to_have_css("opacity", "0")


def test_reading_is_shown_in_detail(page: Page, pen: Pen) -> None:
    """Ten labelled bars show percentages, and the normalised image is shown in sharp pixels."""
    before = page.locator(".reading").bounding_box()
    pen.draw(DIGITS["0"])
    expect(page.locator("#answer")).to_have_text("0")
    assert page.locator(".bar-digit").all_inner_texts() == list("0123456789")
    assert sum(_shares(page)) == pytest.approx(100, abs=5)
    image = page.locator(".normalised-image")
    expect(image).to_have_css("image-rendering", "pixelated")
    assert image.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]
    assert page.locator(".reading").bounding_box() == before  # the layout stays in place


def test_refused_digit_gives_no_answer(page: Page, pen: Pen) -> None:
    """A reading without an accepted digit has a sentence, no answer, and low bars."""
    respond(page, "", make_digit(3, accepted=False))
    pen.draw(DIGITS["3"])
    expect(page.locator(".reading")).to_have_attribute("data-state", "doubtful")
    expect(page.locator(".reading-verdict")).not_to_be_empty()
    expect(page.locator("#answer")).to_have_text("")
    assert max(_shares(page)) < 50


def _shares(page: Page) -> list[float]:
    return [float(share.strip() or 0) for share in page.locator(".bar-share").all_inner_texts()]


def test_markup_in_a_reading_is_shown_as_text(page: Page, pen: Pen) -> None:
    """Text of the server never becomes part of the page's markup."""
    hostile = "</p><img id=evil src=x onerror=alert(x)>"
    respond(page, hostile, make_digit(7))
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text(hostile)
    expect(page.locator("#evil")).to_have_count(0)


def test_page_contacts_no_other_host(open_page: OpenPage, server: str) -> None:
    """Opening the page and drawing makes no request to another host and leaves no message in the console."""
    page = open_page(**DESKTOP)
    urls: set[str] = set()
    messages: list[str] = []
    page.on("request", lambda request: urls.add(request.url))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    page.reload(wait_until="networkidle")
    page.wait_for_selector(".workspace[data-ready]")
    Pen(page).draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    hosts = {urlsplit(url).netloc for url in urls if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(server).netloc}
    assert messages == []


@pytest.mark.parametrize(
    ("path", "scheme", "page_colour", "paper_colour"),
    [
        ("/", "light", "#faf8f4", "rgb(255, 255, 255)"),
        ("/", "dark", "#15161a", "rgb(29, 31, 36)"),
        ("/?__theme=dark", "light", "#15161a", "rgb(29, 31, 36)"),
    ],
)
def test_theme_follows_link_and_preference(
    open_page: OpenPage, path: str, scheme: str, page_colour: str, paper_colour: str
) -> None:
    """Gradio's ?__theme=dark and a dark system both give dark paper and a dark browser frame."""
    page = open_page(path, media={"color_scheme": scheme})
    expect(page.locator("meta[name=theme-color]")).to_have_attribute("content", page_colour)
    expect(page.locator(".digit-pad-paper")).to_have_css("background-color", paper_colour)


def test_picture_that_is_sent_depends_on_strokes_alone(open_page: OpenPage) -> None:
    """Neither the theme nor the screen's density changes the picture that is sent."""

    def draw(**options: Any) -> str:
        page = open_page(**DESKTOP, **options)
        with page.expect_request(READING_URL) as request:
            Pen(page).draw([[(0.5, 0.5)]])
        return str(json.loads(request.value.post_data or "{}")["data"])

    light = draw()
    assert light.startswith("data:image/png;base64,")
    assert draw(media={"color_scheme": "dark"}, device_scale_factor=2) == light


def test_about_describes_model_limits_and_privacy(open_page: OpenPage) -> None:
    """About is closed at first; opened, it fits the narrowest phone and shows the model's measurements."""
    page = open_page(viewport={"width": 320, "height": 640})
    about = page.locator(".about-text")
    expect(about).to_be_hidden()
    page.get_by_text("About", exact=True).click()
    expect(about).to_contain_text("Bundled release residual")
    expect(about).to_contain_text("sent to this server")
    expect(about).not_to_contain_text("read in your browser")
    expect(about.get_by_role("listitem").filter(has_text="MNIST test")).to_contain_text("10,000")
    expect(about.get_by_role("heading")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_role("link", name="API").click()
    page.wait_for_url("**/docs")


def test_model_from_the_hub_is_linked() -> None:
    """A model of the Hub is named with its full commit and a link; nothing in either becomes markup."""
    origin = Origin("hub", "ann/digits", "abc123", url='https://hub.example/ann/digits/tree/abc"><script>')
    shown = present_model(load_release(open_release(BUNDLED_RELEASE), origin))
    assert ">ann/digits at abc123</a>" in shown["name"]
    assert shown["name"].startswith('<a href="https://hub.example/ann/digits/tree/abc&quot;&gt;&lt;script')


def test_browser_can_install_the_page(page: Page, server: str) -> None:
    """Chromium accepts the manifest, whose scope is the page, and its icons have the sizes that it names."""
    devtools = page.context.new_cdp_session(page)
    assert devtools.send("Page.getAppManifest")["errors"] == []
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Playwright's contexts are private windows, in which nothing can be installed.
    assert {error["errorId"] for error in errors} <= {"in-incognito"}
    url = f"{server}/ui/manifest.webmanifest"
    response = httpx2.get(url)
    assert response.headers["content-type"] == "application/manifest+json"
    manifest = response.json()
    assert {urljoin(url, manifest[key]) for key in ("start_url", "scope", "id")} == {f"{server}/"}
    icons = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in icons} == {"192x192", "512x512"}
    assert any(icon.get("purpose") == "maskable" for icon in icons)
    for icon in icons:
        picture = Image.open(BytesIO(httpx2.get(urljoin(url, icon["src"])).content))
        assert "{}x{}".format(*picture.size) == icon["sizes"]


@pytest.mark.parametrize(
    "data",
    [
        *(None, 7, [], {"image": "x"}, "", "<script>"),
        *("data:image/png;base64,????", "data:image/png;base64,AAAA", _TOO_LARGE),
    ],
)
def test_invalid_picture_gets_a_failed_reading(server: str, data: object) -> None:
    """An invalid picture gets a failure that repeats nothing of the request."""
    response = _call(server, "read_drawing", data)
    assert response.status_code == 200
    assert response.json() == present_failure(response.json()["failure"])
    assert "<script>" not in response.text


@pytest.mark.parametrize(
    "data",
    [None, 7, [], {}, "x", [None, 0], ["x", 0], [_BLANK, "0"], [_BLANK, 7], [_BLANK, -1], [_BLANK, 0, 0]],
)
def test_invalid_explanation_request_gets_no_explanation(server: str, data: object) -> None:
    """The response to an invalid picture or index is null."""
    response = _call(server, "explain_digit", data)
    assert (response.status_code, response.json()) == (200, None)


def test_body_limit_holds_for_the_page(server: str) -> None:
    """A valid request is refused once 17 MB of blanks follow it, with a declared length or in chunks."""
    request = json.dumps(_make_request(server, "read_drawing", "")).encode()
    url, headers = f"{server}/gradio_api/component_server/", {"Content-Type": "application/json"}
    padding = [b" " * 2**20] * 17
    assert httpx2.post(url, content=request, headers=headers).status_code == 200
    for body in (b"".join([request, *padding]), iter([request, *padding])):
        assert httpx2.post(url, content=body, headers=headers).status_code in (400, 413)


def _call(server: str, function: str, data: object) -> httpx2.Response:
    request = _make_request(server, function, data)
    return httpx2.post(f"{server}/gradio_api/component_server/", json=request)


def _make_request(server: str, function: str, data: object) -> dict[str, object]:
    config = httpx2.get(f"{server}/config").json()
    [workspace] = [each for each in config["components"] if each["props"].get("elem_id") == "workspace"]
    return {"session_hash": "test", "component_id": workspace["id"], "fn_name": function, "data": data}


def test_page_has_its_own_head(server: str) -> None:
    """Link previews and the manifest are this project's, once each; the picture exists; other errors stay."""
    response = httpx2.get(server, headers={"Accept-Encoding": "gzip"})
    page = response.text
    assert response.headers["content-encoding"] == "gzip"
    for name in ("og:title", "og:url", "og:image", "og:description", "twitter:card"):
        assert page.count(f'"{name}"') == 1
    assert page.count('rel="manifest"') == 1
    assert "gradio-app/gradio" not in page.partition("</head>")[0]
    [picture] = re.findall('property="og:image" content="(.*?)"', page)
    assert Image.open(BytesIO(httpx2.get(picture).content)).size == (1200, 630)
    assert "needs JavaScript" in page.partition("<noscript>")[2].partition("</noscript>")[0]
