"""Latency of reader, recogniser, API and page with one request at a time; start and memory of the server."""

import argparse
import io
import time
from collections.abc import Callable, Sequence
from functools import partial

import httpx2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.model.loading import LoadedModel, load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.recognition.image.picture import Picture, decode_picture, open_picture
from app.recognition.readers.digit_reader import fit_drawing
from benchmarks.drawings import Drawing, draw_digits
from benchmarks.page import measure_latency
from benchmarks.results import describe_machine, table, write_results
from benchmarks.servers import Server, resident_megabytes, run_app
from tests.pictures import encode
from tests.simulated_photographs import SEVERITIES, Kind, photograph
from tests.written_numbers import Line, write_number

_WARM_UP = 50
_CALLS = 1000  # of fast calls
_PASSES = 10  # over different pictures
_PHOTOGRAPH = (4000, 3000)  # pixels: 12 megapixels
_MAX_PIXELS = 100_000_000

Call = Callable[[], object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--without-page", action="store_true", help="measure nothing in Chromium")


def run(options: argparse.Namespace) -> None:
    """Measure, and write the results."""
    model = load_release(open_release(BUNDLED_RELEASE), Origin())
    drawing = draw_digits()[7]
    milliseconds = {"reader alone, one thread": time_reader(model, drawing)}
    for name, calls in prepare_calls(model).items():
        milliseconds[name] = _time(calls, warm_up=len(calls), count=_PASSES * len(calls))
    notes = [describe_machine()]
    with run_app() as server:
        milliseconds["API request, 280x280 PNG in JSON, no page"] = time_requests(server.url, drawing)
        notes.append(_describe("API alone", server))
    with run_app(page=True) as server:
        milliseconds["API request, with the page"] = time_requests(server.url, drawing)
        if not options.without_page:
            page = measure_latency(server.url)
            milliseconds["page, last reading after pen-up"] = page.milliseconds_after_pen_up
            notes.append(f"readings a second while drawing: {page.updates_per_second:.0f}")
        notes.append(_describe("with the page", server))
    found = {name: np.percentile(times, [50, 95]).tolist() for name, times in milliseconds.items()}
    rows = [(name, *(f"{value:.2f} ms" for value in values)) for name, values in found.items()]
    text = "\n".join(
        [
            "# Speed\n",
            "".join(f"- {note}\n" for note in notes),
            table(("", "median", "95th percentile"), rows),
        ]
    )
    write_results(options.output, "speed", data={"notes": notes, "milliseconds": found}, text=text)


def prepare_calls(model: LoadedModel) -> dict[str, list[Call]]:
    """Return calls of the recogniser by name, each with several pictures."""
    recognizer = model.recognizer

    def read(data: bytes) -> object:
        return recognizer.read(_decode(data), expect="number")

    def explain(data: bytes) -> object:
        return recognizer.explain(_decode(data))

    calls: dict[str, list[Call]] = {
        "number of ten digits": [partial(read, _write(10, seed)) for seed in range(50)],
        "one digit explained": [partial(explain, _write(1, seed)) for seed in range(50)],
    }
    kinds: tuple[Kind, ...] = ("clean paper", "squared paper")
    for kind in kinds:
        photographs = [partial(read, _photograph(kind, severity)) for severity in SEVERITIES]
        calls[f"photograph of 12 megapixels, JPEG, {kind}"] = list(photographs)
    return calls


def time_reader(model: LoadedModel, drawing: Drawing) -> NDArray[np.float64]:
    """Return the milliseconds of the reader for one drawing, without decoding."""
    with Image.open(io.BytesIO(drawing.png)) as image:
        ink = fit_drawing(255 - np.asarray(image.convert("L")), size=model.release.drawing_size)
    return _time([lambda: model.reader.read(ink)])


def time_requests(url: str, drawing: Drawing) -> NDArray[np.float64]:
    """Return the milliseconds of requests, one after the other on one connection."""
    with httpx2.Client(base_url=url, headers={"Content-Type": "application/json"}) as client:
        return _time([lambda: client.post("/api/predict", content=drawing.body).raise_for_status()])


def _time(calls: Sequence[Call], *, warm_up: int = _WARM_UP, count: int = _CALLS) -> NDArray[np.float64]:
    """Return the milliseconds of `count` calls in turn, after the warm-up."""
    times = []
    for index in range(warm_up + count):
        start = time.perf_counter()
        calls[index % len(calls)]()
        times.append(1000 * (time.perf_counter() - start))
    return np.array(times[warm_up:])


def _describe(name: str, server: Server) -> str:
    megabytes = resident_megabytes(server.process)
    return f"{name}: {server.seconds:.1f} s from the start to the first response, {megabytes:.0f} MB resident"


def _decode(data: bytes) -> Picture:
    return decode_picture(open_picture(data, max_pixels=_MAX_PIXELS))


def _write(count: int, seed: int) -> bytes:
    generator = np.random.default_rng(seed)
    text = "".join(map(str, generator.integers(0, 10, count)))
    return encode(255 - write_number(text, generator=generator, line=Line(height=40, gap=(0.02, 0.3))))


def _photograph(kind: Kind, severity: int) -> bytes:
    generator = np.random.default_rng(severity)
    ink = write_number("35681", generator=generator)
    picture = photograph(ink, kind, severity=severity, generator=generator)
    return encode(Image.fromarray(picture).resize(_PHOTOGRAPH), "JPEG")
