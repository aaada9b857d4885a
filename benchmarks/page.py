"""The page of a server in Chromium: its latency, its memory, and screenshots.

`python -m benchmarks.page latency URL`, `memory` or `screenshots URL FOLDER`; prints its results.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.servers import resident_megabytes, run_app
from tests.app.conftest import DESKTOP, PAD_IS_READY, PHONE
from tests.app.ui.pen import DIGITS, Pen, side_by_side
from tests.browser import CHROMIUM_ARGUMENTS
from tests.chromium import find_chromium

_DRAWINGS = 20
_NUMBER = "42"
_SCREENS = {"desktop": DESKTOP | {"device_scale_factor": 2}, "phone": PHONE}
# Records the times of pen-down, pen-up and each change of the reading, in milliseconds. It runs in the
# browser, so the time of Playwright is not included.
_RECORD = """() => {
    window.recorded = { pens: [], readings: [] };
    const record = (list) => list.push(performance.now());
    new MutationObserver(() => record(recorded.readings)).observe(document.querySelector(".reading-bars"), {
        subtree: true, childList: true, attributeFilter: ["style"], characterData: true,
    });
    for (const event of ["pointerdown", "pointerup"])
        document.addEventListener(event, () => record(recorded.pens), true);
}"""


@dataclass(frozen=True)
class PageLatency:
    """The latency of the page.

    Attributes:
        updates_per_second: readings shown while the pen is down.
        milliseconds_after_pen_up: float64 (drawings,), from pen-up to the last new reading; 0 without one.
    """

    updates_per_second: float
    milliseconds_after_pen_up: NDArray[np.float64]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def open_page(url: str, **options: Any) -> Iterator[Page]:
    """Open the page in a Playwright context with these options, by default those of a desktop."""
    with open_browser() as browser:
        page = browser.new_context(**(options or DESKTOP)).new_page()
        page.goto(url)
        page.wait_for_function(PAD_IS_READY)
        yield page


def measure_latency(url: str, *, drawings: int = _DRAWINGS) -> PageLatency:
    """Draw digits on the page of a running server, and measure its latency."""
    with open_page(url) as page:
        _draw_and_measure(page, "1")  # warm-up
        measured = [_draw_and_measure(page, str(index % 10)) for index in range(drawings)]
    delays, rates = zip(*measured, strict=True)
    return PageLatency(statistics.median(rates), np.array(delays))


def _draw_and_measure(page: Page, digit: str) -> tuple[float, float]:
    """Return the milliseconds from pen-up to the last reading, and the readings a second before pen-up."""
    page.evaluate("localStorage.clear()")  # the drawing that the page keeps
    page.reload(wait_until="networkidle")
    page.evaluate(_RECORD)
    Pen(page).draw([[point for stroke in DIGITS[digit] for point in stroke]])
    page.wait_for_timeout(500)  # much longer than a reading takes
    recorded = page.evaluate("recorded")
    pen_down, pen_up = recorded["pens"]
    before = [time for time in recorded["readings"] if time <= pen_up]
    return max(0.0, max(recorded["readings"]) - pen_up), 1000 * len(before) / (pen_up - pen_down)


def print_memory(*, minutes: int) -> None:
    """Draw and clear digits for some minutes; print the memory of browser and server after each minute."""
    with run_app(page=True) as server, open_page(server.url) as page:
        session = page.context.new_cdp_session(page)
        print("| after | drawings | browser's heap | server, resident |\n|---|---|---|---|")
        drawings = 0
        for minute in range(minutes + 1):
            session.send("HeapProfiler.collectGarbage")
            heap = float(session.send("Runtime.getHeapUsage")["usedSize"]) / 2**20
            resident = resident_megabytes(server.process)
            print(f"| {minute} min | {drawings} | {heap:.1f} MB | {resident:.0f} MB |", flush=True)
            if minute < minutes:
                drawings = _draw_for_a_minute(page, drawings)


def _draw_for_a_minute(page: Page, first: int) -> int:
    """Draw one digit after the other; return the number of the next drawing."""
    pen, end = Pen(page), time.monotonic() + 60
    for drawing in count(first):
        if time.monotonic() >= end:
            break
        pen.draw(DIGITS[str(drawing % 10)])
        page.keyboard.press("Escape")
    return drawing


def save_screenshots(url: str, folder: Path) -> None:
    """Save the page with a number drawn and read, for each screen and theme."""
    folder.mkdir(parents=True, exist_ok=True)
    for screen, theme in product(_SCREENS, ("light", "dark")):
        with open_page(url, **_SCREENS[screen], color_scheme=theme) as page:
            Pen(page).draw(side_by_side(_NUMBER))
            expect(page.locator("#answer")).to_have_text(_NUMBER)
            expect(page.locator("#model")).not_to_have_text("")
            page.mouse.move(0, 0)
            page.wait_for_timeout(1000)  # until bars and boxes are drawn
            path = folder / f"page-{screen}-{theme}.png"
            page.screenshot(path=path, full_page=True)
            print(path)


def main() -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    latency = commands.add_parser("latency", help="time from the pen to the reading")
    memory = commands.add_parser("memory", help="memory of browser and server while digits are drawn")
    screenshots = commands.add_parser("screenshots", help="pictures of the page for the README")
    for command in (latency, screenshots):
        command.add_argument("url", help="URL of a running server, such as http://127.0.0.1:7860")
    memory.add_argument("--minutes", type=int, default=5, help="duration (default %(default)s)")
    screenshots.add_argument("folder", type=Path, help="folder for the pictures")
    options = parser.parse_args()
    if options.command == "memory":
        print_memory(minutes=options.minutes)
    elif options.command == "screenshots":
        save_screenshots(options.url, options.folder)
    else:
        measured = measure_latency(options.url)
        median, late = np.percentile(measured.milliseconds_after_pen_up, [50, 95])
        print(f"readings a second while drawing: {measured.updates_per_second:.0f}")
        print(f"pen-up to last reading: median {median:.0f} ms, 95th percentile {late:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
