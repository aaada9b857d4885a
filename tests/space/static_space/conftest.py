"""Fixtures for the static page: written once, served, and opened in a real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.app.conftest import DESKTOP
from tests.space.static_space.folders import put_readers, serve_folder, write_page

READY = "Drawings stay on this device."

OpenStatic = Callable[..., Page]


@pytest.fixture(scope="session")
def model_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Hub with the bundled release's readers."""
    folder = tmp_path_factory.mktemp("hub")
    put_readers(folder)
    with serve_folder(folder) as url:
        yield url


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory, model_url: str) -> Path:
    """The page as it is deployed."""
    return write_page(tmp_path_factory.mktemp("static") / "page", endpoint=model_url)


@pytest.fixture(scope="session")
def static_url(static_folder: Path) -> Iterator[str]:
    """Address of the page."""
    with serve_folder(static_folder) as url:
        yield url


@pytest.fixture
def open_static(browser: Browser, static_url: str) -> Iterator[OpenStatic]:
    """Opens a static page in its own context: `open_static(url, status=..., **context_options)`.

    `watch` is called with the page before it opens the address.
    """
    contexts: list[BrowserContext] = []

    def open_static(
        url: str = static_url,
        *,
        status: str = READY,
        watch: Callable[[Page], None] = lambda _: None,
        **options: Any,
    ) -> Page:
        context = browser.new_context(**{"reduced_motion": "reduce", **(options or DESKTOP)})
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(url)
        expect(page.locator("#status")).to_contain_text(status, timeout=20_000)
        return page

    yield open_static
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def shared_page(browser: Browser, static_url: str) -> Iterator[Page]:
    """A page that tests share, which leaves traces of earlier tests."""
    context = browser.new_context(**DESKTOP)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(static_url)
    expect(page.locator("#status")).to_have_text(READY, timeout=20_000)
    yield page
    context.close()


@pytest.fixture
def page(shared_page: Page) -> Page:
    """The shared page with an empty pad."""
    shared_page.locator("#digit-pad canvas").press("Escape")
    expect(shared_page.locator("#digit-pad")).to_have_attribute("data-empty", "")
    return shared_page
