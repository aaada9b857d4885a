"""The static page goes on reading after its worker fails."""

import pytest
from playwright.sync_api import Page, Worker, expect

from tests.app.ui.pen import DIGITS, Pen
from tests.space.static_space.conftest import OpenStatic

pytestmark = pytest.mark.slow

# The worker no longer responds, and fails a moment after the next request.
_FAIL_AT_NEXT_REQUEST = """() => {
    self.postMessage = () => {};
    addEventListener("message", () => setTimeout(() => { throw new Error("out of memory"); }, 100));
}"""


def _worker(page: Page) -> Worker:
    [worker] = [worker for worker in page.workers if "worker.js" in worker.url]
    return worker


def test_pending_read_is_repeated_by_a_new_worker(open_static: OpenStatic) -> None:
    """A read that is pending when the worker fails is reported as failed, then read by another worker."""
    page = open_static()
    _worker(page).evaluate(_FAIL_AT_NEXT_REQUEST)
    Pen(page).draw(DIGITS["3"])
    expect(page.locator("#status")).to_contain_text("out of memory")
    expect(page.locator(".reading")).to_have_attribute("data-old", "")
    expect(page.locator("#answer")).to_have_text("3")
    expect(page.locator("#status")).not_to_contain_text("out of memory")


@pytest.mark.parametrize("file", ["page/worker.js", "litert/litert_wasm_compat_internal.wasm.gzip"])
def test_page_starts_to_read_once_its_files_load(open_static: OpenStatic, file: str) -> None:
    """A worker or runtime that cannot be loaded is reported, and loaded again for the next drawing."""

    def fail_once(page: Page) -> None:
        page.context.route(f"**/{file}", lambda route: route.abort(), times=1)

    page = open_static(watch=fail_once, status="Reading failed")
    Pen(page).draw(DIGITS["3"])
    expect(page.locator("#answer")).to_have_text("3")
