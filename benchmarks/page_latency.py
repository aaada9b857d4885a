"""How fast the page answers: `python -m benchmarks.page_latency URL`, against a running server.

Measured in the browser, where a visitor would see it: each change of the reading is noted as it is put into
the page, so that neither Playwright's own time nor its polling counts.
"""

import argparse
import statistics
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from benchmarks.browser import open_page
from tests.app.pen import DIGITS, Pen

_DRAWINGS = 20
# Notes when the pen was lifted and when the reading changed, in milliseconds of one clock.
_WATCH = """() => {
    window.noted = { pens: [], readings: [] };
    const reading = document.querySelector(".reading-bars"); // all else changes with the drawing, too
    const note = () => noted.readings.push(performance.now());
    new MutationObserver(note).observe(reading, {
        subtree: true, childList: true, attributes: true, characterData: true,
    });
    document.addEventListener("pointerup", () => noted.pens.push(performance.now()), true);
    document.addEventListener("pointerdown", () => noted.pens.push(performance.now()), true);
}"""


@dataclass(frozen=True)
class PageLatency:
    """How fast the page answered.

    Attributes:
        updates_per_second: readings shown while the pen moved.
        milliseconds_after_pen_up: float64 (drawings,), from the pen being lifted to the last reading shown; 0
            when that was there already.
    """

    updates_per_second: float
    milliseconds_after_pen_up: NDArray[np.float64]


def measure_page(url: str, *, drawings: int = _DRAWINGS) -> PageLatency:
    """Draws digits on the page of a running server, one after the other."""
    with open_page(url) as page:
        _draw_and_note(page, "1")  # warms up browser and server
        notes = [_draw_and_note(page, str(index % 10)) for index in range(drawings)]
    delays, rates = zip(*notes, strict=True)
    return PageLatency(statistics.median(rates), np.array(delays))


def _draw_and_note(page: Page, digit: str) -> tuple[float, float]:
    """Milliseconds from pen-up to the last reading, and readings a second while the pen was down."""
    page.reload(wait_until="networkidle")
    page.evaluate(_WATCH)
    Pen(page).draw([[point for stroke in DIGITS[digit] for point in stroke]])
    page.wait_for_timeout(500)  # long after any answer
    noted = page.evaluate("noted")
    pen_down, pen_up = noted["pens"]
    during = [time for time in noted["readings"] if time <= pen_up]
    last = max(noted["readings"])
    return max(0.0, last - pen_up), 1000 * len(during) / (pen_up - pen_down)


def main() -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(description="How fast the page of a running server answers.")
    parser.add_argument("url", help="such as http://127.0.0.1:7860")
    latency = measure_page(parser.parse_args().url)
    median, late = np.percentile(latency.milliseconds_after_pen_up, [50, 95])
    print(f"answers a second while drawing: {latency.updates_per_second:.0f}")
    print(f"pen-up to last answer: median {median:.0f} ms, 95th percentile {late:.0f} ms")


if __name__ == "__main__":
    main()
