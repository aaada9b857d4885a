"""Whether a page that is drawn on for long grows, on either side: `python -m benchmarks.page_memory`.

A digit is drawn, read and cleared again and again. Prints Markdown: for each minute the heap of the browser
after a garbage collection, and the resident memory of the server.
"""

import argparse
import itertools
import sys
import time

from playwright.sync_api import CDPSession, Page

from benchmarks.browser import open_page
from benchmarks.servers import resident_megabytes, run_app
from tests.app.pen import DIGITS, Pen

_MINUTE = 60.0  # seconds


def main() -> int:
    """Draws for some minutes and prints what was measured after each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_memory", description=__doc__)
    parser.add_argument("--minutes", type=int, default=5, help="how long to draw")
    minutes = parser.parse_args().minutes
    with run_app(page=True) as server, open_page(server.url) as page:
        session = page.context.new_cdp_session(page)
        print("| after | drawings | browser's heap | server, resident |\n|---|---|---|---|")
        drawings = 0
        for minute in range(minutes + 1):
            heap, resident = _heap_megabytes(session), resident_megabytes(server.process)
            print(f"| {minute} min | {drawings} | {heap:.1f} MB | {resident:.0f} MB |", flush=True)
            if minute < minutes:
                drawings += _draw_for(page, seconds=_MINUTE, first=drawings)
    return 0


def _draw_for(page: Page, *, seconds: float, first: int) -> int:
    """Draws one digit after the other, each read while it is drawn; says how many."""
    pen = Pen(page)
    end = time.monotonic() + seconds
    for drawn in itertools.count():
        if time.monotonic() >= end:
            return drawn
        pen.draw(DIGITS[str((first + drawn) % 10)])
        page.keyboard.press("Escape")
    raise AssertionError("counting never ends")


def _heap_megabytes(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


if __name__ == "__main__":
    sys.exit(main())
