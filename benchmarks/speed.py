"""How fast reader, recogniser, API and page answer here, one after the other, and what they take."""

import argparse
import io
import time
from collections.abc import Callable

import httpx2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.readers.digit_reader import DigitReader, fit_drawing
from benchmarks.drawings import Drawing, draw_digits
from benchmarks.page_latency import measure_page
from benchmarks.recognition import prepare_readings
from benchmarks.results import describe_machine, table, write_results
from benchmarks.servers import Server, resident_megabytes, run_app

_REPEATS = 1000
_WARM_UP = 50
_PASSES = 10  # over different pictures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--without-page", action="store_true", help="leave out what needs Chromium")


def run(options: argparse.Namespace) -> None:
    """Measure everything and write what was found."""
    drawing = draw_digits()[7]
    milliseconds = {"reader alone, one thread": time_reader(drawing)}
    milliseconds |= {name: _time_each(calls) for name, calls in prepare_readings().items()}
    notes = [describe_machine()]
    with run_app() as server:
        milliseconds["API request, 280x280 PNG in JSON, no page"] = time_requests(server.url, drawing)
        notes.append(_describe("API alone", server))
    with run_app(page=True) as server:
        milliseconds["API request, with the page"] = time_requests(server.url, drawing)
        if not options.without_page:
            page = measure_page(server.url)
            milliseconds["page, last answer after pen-up"] = page.milliseconds_after_pen_up
            notes.append(f"answers a second while drawing: {page.updates_per_second:.0f}")
        notes.append(_describe("with the page", server))
    found = {name: np.percentile(times, [50, 95]).tolist() for name, times in milliseconds.items()}
    rows = [(name, *(f"{value:.2f} ms" for value in values)) for name, values in found.items()]
    parts = [
        "# Speed\n",
        "".join(f"- {note}\n" for note in notes),
        table(("what", "median", "95th percentile"), rows),
    ]
    write_results(
        options.output, "speed", data={"notes": notes, "milliseconds": found}, text="\n".join(parts)
    )


def _describe(name: str, server: Server) -> str:
    megabytes = resident_megabytes(server.process)
    return f"{name}: {server.seconds:.1f} s from the start to the first answer, {megabytes:.0f} MB resident"


def time_reader(drawing: Drawing) -> NDArray[np.float64]:
    """Milliseconds of each of many readings of one drawing by the bundled reader."""
    release = open_release(BUNDLED_RELEASE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    with Image.open(io.BytesIO(drawing.png)) as image:
        ink = 255 - np.asarray(image.convert("L"))
    fitted = fit_drawing(ink, size=release.drawing_size)
    return _time(lambda: reader.read(fitted))


def time_requests(url: str, drawing: Drawing) -> NDArray[np.float64]:
    """Milliseconds of each of many requests, one after the other on one connection."""
    headers = {"Content-Type": "application/json"}
    with httpx2.Client(base_url=url, headers=headers) as client:
        return _time(lambda: client.post("/api/predict", content=drawing.body).raise_for_status())


def _time_each(calls: list[Callable[[], object]]) -> NDArray[np.float64]:
    for call in calls:
        call()
    return np.array([_time_once(call) for _ in range(_PASSES) for call in calls])


def _time(call: Callable[[], object]) -> NDArray[np.float64]:
    for _ in range(_WARM_UP):
        call()
    return np.array([_time_once(call) for _ in range(_REPEATS)])


def _time_once(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
