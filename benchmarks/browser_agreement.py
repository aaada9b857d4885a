"""Whether the static page reads as the server does, and how fast: `python -m benchmarks.browser_agreement`.

Writes the page as it is deployed, with the bundled release, serves it here, and opens it in Chromium. Prints
Markdown; nothing here is asserted.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.ink import extract_ink
from app.recognition.image.picture import Picture, decode_picture, open_picture
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.reading import Digit
from app.recognition.recognizer import Recognizer
from space.model import READER_FILE
from tests.app.conftest import DESKTOP
from tests.app.pen import Pen, side_by_side
from tests.browser import CHROMIUM_ARGUMENTS
from tests.chromium import find_chromium
from tests.space.static_space.folders import put_reader, serve_folder, write_page
from tests.space.static_space.read_inks import BrowserAnswer, read_inks

_MAX_PIXELS = 50_000_000
_TOLERANCE = 1e-3
_VISITS = 10
_NUMBER = "42"
# A link's fragment that holds a drawn 7.
_SEVEN = "#drawing=AQTYBLgDoAYAqwKwBNsBgAU"
# Notes when there first was an answer, in milliseconds from the start of the visit.
_NOTE_ANSWER = """
new MutationObserver(() => {
    if (document.querySelector("#answer")?.textContent) window.answered ??= performance.now();
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
# Notes the time of each frame.
_NOTE_FRAMES = """() => {
    window.frames_noted = [];
    const note = (time) => { frames_noted.push(time); requestAnimationFrame(note); };
    requestAnimationFrame(note);
}"""


@dataclass(frozen=True)
class Agreement:
    """How the browser's answers differ from the server's on the same ink.

    Attributes:
        same_digit: bool (digits,).
        differences: float64 (digits,), the largest of a digit's ten probabilities.
        milliseconds: float64 (digits,), from the ink to the answer in the browser.
    """

    same_digit: NDArray[np.bool_]
    differences: NDArray[np.float64]
    milliseconds: NDArray[np.float64]


def main() -> int:
    """Measures everything and prints it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser_agreement", description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="a file like drawn_digits/cases.npz")
    parser.add_argument("--group", default="pen digits", help="which of its groups; single digits")
    parser.add_argument("--count", type=int, default=1000, help="how many of the group, from the first")
    options = parser.parse_args()
    pictures = load_pictures(options.cases, group=options.group, count=options.count)
    with _served_page() as url, _open_browser() as browser:
        _print_agreement(compare(browser, url, pictures))
        _print_times("first visit, until a drawing is read", time_visits(browser, url, again=False))
        _print_times("later visit", time_visits(browser, url, again=True))
        _print_times("frame, while one draws", time_frames(browser, url))
    return 0


def load_pictures(cases: Path, *, group: str, count: int) -> list[Picture]:
    """The first pictures of a group in a file of cases: PNG files end to end in `blob`, cut at `offset`."""
    with np.load(cases) as file:
        blob, offset = file["blob"], file["offset"]
        chosen = np.flatnonzero(file["group"] == group)[:count]
    files = [blob[offset[index] : offset[index + 1]].tobytes() for index in chosen]
    return [decode_picture(open_picture(data, max_pixels=_MAX_PIXELS)) for data in files]


def compare(browser: Browser, url: str, pictures: Sequence[Picture]) -> Agreement:
    """Read each picture's ink on both sides."""
    release = open_release(BUNDLED_RELEASE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    recognizer = Recognizer(reader, acceptance_threshold=release.acceptance_threshold)
    server = [recognizer.read(picture, expect="digit").digits[0] for picture in pictures]
    context = browser.new_context(**DESKTOP)
    answers = read_inks(_visit(context, url), [extract_ink(picture) for picture in pictures])
    context.close()
    return _compare(server, answers)


def time_visits(browser: Browser, url: str, *, again: bool) -> NDArray[np.float64]:
    """Milliseconds of each of some visits, from its start until the drawing of its link is read.

    Args:
        browser: with an empty cache in each new context.
        url: of the page.
        again: whether each visit follows another in the same context, which has kept the page and the model.
    """
    times = []
    for _ in range(_VISITS):
        context = browser.new_context(**DESKTOP)
        context.add_init_script(_NOTE_ANSWER)
        page = _visit(context, url + _SEVEN)
        if again:
            expect(page.locator("#offline")).to_have_text("Works without a network now.", timeout=60_000)
            page = _visit(context, url + _SEVEN)
        times.append(float(page.evaluate("window.answered")))
        context.close()
    return np.array(times)


def time_frames(browser: Browser, url: str) -> NDArray[np.float64]:
    """Milliseconds between each two frames while a number is drawn, read all the time."""
    context = browser.new_context(**DESKTOP)
    page = _visit(context, url)
    page.evaluate(_NOTE_FRAMES)
    Pen(page).draw(side_by_side(_NUMBER))
    frames = np.array(page.evaluate("frames_noted"))
    context.close()
    return np.diff(frames)


@contextmanager
def _served_page() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        hub = Path(name) / "hub"
        put_reader(hub, (BUNDLED_RELEASE / READER_FILE).read_bytes())
        with serve_folder(hub) as endpoint:
            folder = write_page(Path(name) / "page", endpoint=endpoint)
            with serve_folder(folder) as url:
                yield url


@contextmanager
def _open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def _visit(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#model-source")).not_to_have_text("loading", timeout=60_000)
    if "#" in url:
        expect(page.locator("#answer")).to_have_text("7", timeout=60_000)
    return page


def _compare(server: Sequence[Digit], browser: Sequence[BrowserAnswer]) -> Agreement:
    ours = np.array([digit.probabilities for digit in server])
    theirs = np.array([answer.probabilities for answer in browser])
    return Agreement(
        ours.argmax(axis=1) == theirs.argmax(axis=1),
        differences=np.abs(ours - theirs).max(axis=1),
        milliseconds=np.array([answer.milliseconds for answer in browser]),
    )


def _print_agreement(agreement: Agreement) -> None:
    count = len(agreement.same_digit)
    within = int((agreement.differences <= _TOLERANCE).sum())
    print(f"same digit: {int(agreement.same_digit.sum())} of {count}")
    print(f"all probabilities within {_TOLERANCE}: {within} of {count}")
    print(f"largest difference: {agreement.differences.max():.1e}\n")
    print("| in the browser | median | 95th percentile |\n|---|---|---|")
    _print_times("reading of one digit, from its ink", agreement.milliseconds)


def _print_times(what: str, milliseconds: NDArray[np.float64]) -> None:
    median, late = np.percentile(milliseconds, [50, 95])
    print(f"| {what} | {median:.1f} ms | {late:.1f} ms |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
