"""`python -m benchmarks`: how fast reader, API and page answer here, and what they take, in one run.

Prints Markdown; nothing here is asserted. Figures of different machines, or of a busy one, do not compare.
"""

import argparse
import base64
import io
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.drawing import fit_drawing
from app.recognition.reader import Reader
from benchmarks.page_latency import measure_page

_REPEATS = 1000
_WARM_UP = 50
_START_SECONDS = 60.0
_PICTURE_SIDE = 280


@dataclass(frozen=True)
class Server:
    """A server process of this benchmark.

    Attributes:
        url: where it answers.
        seconds: from the start of the process to its first answer.
        pid: of the process.
    """

    url: str
    seconds: float
    pid: int


def main() -> int:
    """Measures everything and prints it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--without-page", action="store_true", help="leave out what needs Chromium")
    options = parser.parse_args()
    picture = draw_seven()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | median | 95th percentile |\n|---|---|---|")
    _print_row("reader alone, one thread", time_reader())
    with serve(picture, page=False) as server:
        _print_row("API request, 280x280 PNG in JSON, no page", time_requests(server.url, picture))
        without_page = f"{server.seconds:.1f} s, {resident_megabytes(server.pid):.0f} MB"
    with serve(picture, page=True) as server:
        _print_row("API request, with the page", time_requests(server.url, picture))
        if not options.without_page:
            page = measure_page(server.url)
            _print_row("page, last answer after pen-up", page.milliseconds_after_pen_up)
        with_page = f"{server.seconds:.1f} s, {resident_megabytes(server.pid):.0f} MB"
    print(f"\nprocess start to first answer, and resident memory: API alone {without_page}; page {with_page}")
    if not options.without_page:
        print(f"answers a second while drawing: {page.updates_per_second:.0f}")
    return 0


def time_reader() -> NDArray[np.float64]:
    """Milliseconds of each of many readings of one drawing by the bundled reader."""
    release = open_release(BUNDLED_RELEASE)
    reader = Reader(release.reader, drawing_size=release.drawing_size)
    with Image.open(io.BytesIO(draw_seven())) as image:
        ink = 255 - np.asarray(image.convert("L"))
    drawing = fit_drawing(ink, size=release.drawing_size)
    return _time(lambda: reader.read(drawing))


def time_requests(url: str, picture: bytes) -> NDArray[np.float64]:
    """Milliseconds of each of many requests, one after the other on one connection."""
    body = {"image": base64.b64encode(picture).decode(), "expect": "digit"}
    with httpx2.Client(base_url=url) as client:
        return _time(lambda: client.post("/api/predict", json=body).raise_for_status())


def draw_seven() -> bytes:
    """A 7 as PNG, dark on light, 280x280."""
    image = Image.new("L", (_PICTURE_SIDE, _PICTURE_SIDE), 255)
    ImageDraw.Draw(image).line([(80, 70), (200, 70), (130, 220)], fill=0, width=20, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def serve(picture: bytes, *, page: bool) -> Iterator[Server]:
    """A real server process on a free port, up to its first answer."""
    environment = os.environ | {"DIGITS_UI": "1" if page else "0"}
    command = [sys.executable, "-m", "app", "--port", "0"]
    began = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            url = next(word for word in line.split() if word.startswith("http://"))
            httpx2.post(
                f"{url}/api/predict",
                content=picture,
                headers={"Content-Type": "image/png"},
                timeout=_START_SECONDS,
            ).raise_for_status()
            yield Server(url, time.monotonic() - began, process.pid)
        finally:
            process.terminate()


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process on Linux; NaN elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _time(call: Callable[[], object]) -> NDArray[np.float64]:
    for _ in range(_WARM_UP):
        call()
    times = np.empty(_REPEATS)
    for index in range(_REPEATS):
        began = time.perf_counter()
        call()
        times[index] = time.perf_counter() - began
    return times * 1000


def _print_row(name: str, milliseconds: NDArray[np.float64]) -> None:
    median, high = np.percentile(milliseconds, [50, 95])
    print(f"| {name} | {median:.2f} ms | {high:.2f} ms |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
