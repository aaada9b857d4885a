"""`python -m benchmarks.browser_agreement`: whether the static page reads as the server does, and how fast.

Opens the page as it is deployed, with the bundled release, from a local server in Chromium. Prints Markdown.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.model.loading import load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.recognition.image.ink import extract_ink
from app.recognition.image.picture import Picture, decode_picture, open_picture
from benchmarks.page import open_browser
from tests.app.conftest import DESKTOP
from tests.app.ui.pen import Pen, side_by_side
from tests.space.static_space.folders import put_readers, serve_folder, write_page
from tests.space.static_space.read_inks import read_inks

_MAX_PIXELS = 50_000_000
_TOLERANCE = 1e-3  # of a probability
_VISITS = 10
_NUMBER = "42"
_SEVEN = "#drawing=AQTYBLgDoAYAqwKwBNsBgAU"  # a link to a drawn 7
_TIMEOUT_MS = 60_000
# Records when the first text was shown, in milliseconds from the start of the visit.
_RECORD_TEXT = """
new MutationObserver(() => {
    if (document.querySelector("#answer")?.textContent) window.answered ??= performance.now();
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
# Records the time of each frame.
_RECORD_FRAMES = """() => {
    window.recorded_frames = [];
    const record = (time) => { recorded_frames.push(time); requestAnimationFrame(record); };
    requestAnimationFrame(record);
}"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser_agreement", description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="a file like drawn_digits/cases.npz")
    parser.add_argument("--group", default="pen digits", help="group of single digits (default %(default)s)")
    parser.add_argument("--count", type=int, default=1000, help="most pictures (default %(default)s)")
    options = parser.parse_args()
    pictures = load_pictures(options.cases, group=options.group, count=options.count)
    with _serve_page() as url, open_browser() as browser:
        print_agreement(browser, url, pictures)
        _print_times("first visit, until a drawing is read", time_visits(browser, url, again=False))
        _print_times("later visit", time_visits(browser, url, again=True))
        _print_times("frame while drawing", time_frames(browser, url))
    return 0


def load_pictures(cases: Path, *, group: str, count: int) -> list[Picture]:
    """Load the first pictures of a group: PNG files in `blob`, each from its `offset` to the next."""
    with np.load(cases) as file:
        blob, offset = file["blob"], file["offset"]
        chosen = np.flatnonzero(file["group"] == group)[:count]
    files = [blob[offset[index] : offset[index + 1]].tobytes() for index in chosen]
    return [decode_picture(open_picture(data, max_pixels=_MAX_PIXELS)) for data in files]


def print_agreement(browser: Browser, url: str, pictures: Sequence[Picture]) -> None:
    """Read the ink of each picture on both sides, and compare the probabilities."""
    recognizer = load_release(open_release(BUNDLED_RELEASE), Origin()).recognizer
    server = np.array([recognizer.read(each, expect="digit").digits[0].probabilities for each in pictures])
    context = browser.new_context(**DESKTOP)
    answers = read_inks(_open_ready(context, url), [extract_ink(picture) for picture in pictures])
    context.close()
    page = np.array([answer.probabilities for answer in answers])
    differences = np.abs(server - page).max(axis=1)
    print(f"same digit: {(server.argmax(axis=1) == page.argmax(axis=1)).sum()} of {len(pictures)}")
    print(f"all probabilities within {_TOLERANCE}: {(differences <= _TOLERANCE).sum()} of {len(pictures)}")
    print(f"largest difference: {differences.max():.1e}\n")
    print("| in the browser | median | 95th percentile |\n|---|---|---|")
    _print_times("one digit, from its ink", np.array([answer.milliseconds for answer in answers]))


def time_visits(browser: Browser, url: str, *, again: bool) -> NDArray[np.float64]:
    """Return the milliseconds of some visits, from the start until the drawing of the link is read.

    Args:
        browser: each new context has an empty cache.
        url: of the page.
        again: whether each is the second visit in its context, which has cached page and model.
    """
    times = []
    for _ in range(_VISITS):
        context = browser.new_context(**DESKTOP)
        context.add_init_script(_RECORD_TEXT)
        if again:
            _open_ready(context, url)
        page = context.new_page()
        page.goto(url + _SEVEN)
        expect(page.locator("#answer")).to_have_text("7", timeout=_TIMEOUT_MS)
        times.append(float(page.evaluate("window.answered")))
        context.close()
    return np.array(times)


def time_frames(browser: Browser, url: str) -> NDArray[np.float64]:
    """Return the milliseconds between frames while a number is drawn and read."""
    context = browser.new_context(**DESKTOP)
    page = _open_ready(context, url)
    page.evaluate(_RECORD_FRAMES)
    Pen(page).draw(side_by_side(_NUMBER))
    frames = np.array(page.evaluate("recorded_frames"))
    context.close()
    return np.diff(frames)


@contextmanager
def _serve_page() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        hub = Path(name) / "hub"
        put_readers(hub)
        with serve_folder(hub) as endpoint:
            folder = write_page(Path(name) / "page", endpoint=endpoint)
            with serve_folder(folder) as url:
                yield url


def _open_ready(context: BrowserContext, url: str) -> Page:
    """Open the page, and wait until it has loaded the model and cached both."""
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#offline")).not_to_be_empty(timeout=_TIMEOUT_MS)
    return page


def _print_times(name: str, milliseconds: NDArray[np.float64]) -> None:
    median, late = np.percentile(milliseconds, [50, 95])
    print(f"| {name} | {median:.1f} ms | {late:.1f} ms |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
