"""Fixtures for the browser tests: a real Chromium, and the page opened in it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.app.hub_release import REPO, release_files
from tests.app.pen import Finger, Pen
from tests.chromium import find_chromium
from tests.hub.server import Hub

# Nothing of the browser's own must reach for the network, and containers have no sandbox to offer.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# The pad's script fits the canvas to the screen when it listens to the pen.
PAD_IS_READY = """() => {
    const canvas = document.querySelector("#digit-pad canvas");
    return canvas && canvas.width === Math.round(canvas.clientWidth * devicePixelRatio);
}"""

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}

READING_URL = "**/component_server/**"  # what the desk asks of the server

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[OpenPage]:
    """Opens the page in a context of its own: `open_page(path="/", **context_options)`."""
    contexts = []

    def open_page(path: str = "/", **options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(server + path)
        page.wait_for_function(PAD_IS_READY)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(**DESKTOP)


@pytest.fixture
def pen(page: Page) -> Pen:
    return Pen(page)


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    return open_page(**PHONE)


@pytest.fixture
def finger(phone: Page) -> Finger:
    return Finger(phone)


@pytest.fixture
def commit(hub: Hub) -> str:
    """A release on the Hub; its full commit."""
    return hub.commit(REPO, release_files())
