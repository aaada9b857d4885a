"""Fixtures for the browser tests: the page, opened in a real Chromium."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.app.hub_release import REPO, release_files
from tests.app.pen import Finger, Pen
from tests.hub.server import Hub

# The pad's script fits the canvas to the screen when it listens to the pen.
PAD_IS_READY = """() => {
    const canvas = document.querySelector("#digit-pad canvas");
    return canvas && canvas.width === Math.round(canvas.clientWidth * devicePixelRatio);
}"""
# The last thing that Gradio does when it puts the page together: before, it may still move what it shows.
PAGE_IS_TOGETHER = "() => document.querySelector('#model')?.textContent.includes('MNIST')"

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}

READING_URL = "**/component_server/**"  # what the desk asks of the server

OpenPage = Callable[..., Page]
FreeTabs = defaultdict[str, list[Page]]


@pytest.fixture(scope="session")
def free_tabs() -> FreeTabs:
    """Tabs that no test has at the moment, by the options of their contexts.

    A tab is used again because it holds Gradio's scripts compiled: a page opened in it costs a quarter of one
    in a fresh context. Nothing else of a test is left in it: the page keeps nothing in the browser.
    """
    return defaultdict(list)


@pytest.fixture
def open_page(browser: Browser, server: str, free_tabs: FreeTabs) -> Iterator[OpenPage]:
    """Opens the page anew, in a tab that nobody else has: `open_page(path="/", **context_options)`."""
    taken: list[tuple[list[Page], Page]] = []

    def open_page(path: str = "/", *, viewport: ViewportSize = DESKTOP["viewport"], **options: Any) -> Page:
        free = free_tabs[str(sorted(options.items()))]
        page = free.pop() if free else _open_tab(browser, **options)
        taken.append((free, page))
        page.set_viewport_size(viewport)
        page.goto(server + path)
        page.wait_for_function(PAD_IS_READY)
        page.wait_for_function(PAGE_IS_TOGETHER)
        return page

    yield open_page
    for free, page in taken:
        _clear_tab(page)
        free.append(page)


def _open_tab(browser: Browser, **options: Any) -> Page:
    context = browser.new_context(**options)
    context.set_default_timeout(20_000)
    return context.new_page()


def _clear_tab(page: Page) -> None:
    """Leave a tab as it was before the test: empty, without routes, and the mouse in its corner."""
    page.unroute_all()
    page.goto("about:blank")
    page.mouse.up()
    page.mouse.move(0, 0)


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
