"""Fixtures for the browser tests: the page, opened in Chromium."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from app.recognition.reading import DIGITS, Digit
from app.ui.presentation import present_reading
from tests.app.hub_release import REPO, release_files
from tests.app.readings import make_reading
from tests.app.ui.pen import Finger, Pen
from tests.hub.server import Hub

# The pad fits its canvas to the screen before it listens to the pen.
PAD_IS_READY = """() => {
    const canvas = document.querySelector(".workspace[data-ready] canvas");
    return canvas && canvas.width === Math.round(canvas.clientWidth * devicePixelRatio);
}"""
# The last change that Gradio makes to the page; before it, elements may still move.
PAGE_IS_COMPLETE = "() => document.querySelector('#model')?.textContent.includes('MNIST')"

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}

_MEDIA: dict[str, Any] = {"color_scheme": "light", "reduced_motion": "reduce", "forced_colors": "none"}

READING_URL = "**/component_server/**"  # of the page's requests to the server

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def free_tabs() -> defaultdict[str, list[Page]]:
    """Tabs that no test uses, by the options of their contexts.

    A used tab has Gradio's scripts compiled, so a page opens in it in a quarter of the time.
    """
    return defaultdict(list)


@pytest.fixture
def open_page(browser: Browser, server: str, free_tabs: defaultdict[str, list[Page]]) -> Iterator[OpenPage]:
    """Open the page in a tab of the test's own: `open_page(path="/", **context_options)`.

    Media features and permissions are set in a used tab, too.
    """
    taken: list[tuple[list[Page], Page]] = []

    def open_page(
        path: str = "/",
        *,
        viewport: ViewportSize = DESKTOP["viewport"],
        permissions: Sequence[str] = (),
        media: Mapping[str, Any] = _MEDIA,
        **options: Any,
    ) -> Page:
        free = free_tabs[str(sorted(options.items()))]
        page = free.pop() if free else browser.new_context(**options).new_page()
        page.context.set_default_timeout(20_000)
        taken.append((free, page))
        page.set_viewport_size(viewport)
        page.emulate_media(**{**_MEDIA, **media})
        if permissions:
            page.context.grant_permissions(permissions)
        page.goto(urljoin(server, path))
        page.wait_for_function(PAD_IS_READY)
        page.wait_for_function(PAGE_IS_COMPLETE)
        return page

    yield open_page
    for free, page in taken:
        page.unroute_all()
        page.goto(urljoin(server, "/health/live"))
        page.evaluate("localStorage.clear()")  # the drawing that the page keeps
        page.mouse.up()
        page.mouse.move(0, 0)
        page.context.clear_permissions()
        free.append(page)


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
    """Full commit of a release on the Hub."""
    return hub.commit(REPO, release_files())


def respond(page: Page, text: str, *digits: Digit, labels: tuple[str, ...] = DIGITS) -> None:
    """Respond to every request of the page with this reading."""
    reading = present_reading(make_reading(text, *digits, labels=labels))
    page.route(READING_URL, lambda route: route.fulfill(json=reading))


def next_frame(page: Page) -> None:
    page.evaluate("() => new Promise(requestAnimationFrame)")
