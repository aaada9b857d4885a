"""The page of a running server, opened in a real Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.app.conftest import DESKTOP, PAD_IS_READY
from tests.browser import CHROMIUM_ARGUMENTS
from tests.chromium import find_chromium


@contextmanager
def open_page(url: str, **options: Any) -> Iterator[Page]:
    """Opens the page; the options are those of a Playwright context, a desktop's when none are given."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_context(**(options or DESKTOP)).new_page()
        page.goto(url)
        page.wait_for_function(PAD_IS_READY)
        yield page
        browser.close()
