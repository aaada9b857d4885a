"""Clients of a long run: each sends its own kind of requests and checks the responses."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from benchmarks.client import Connection, Response, encode_request
from benchmarks.drawings import Drawing, draw_digits, draw_numbers

_PAUSE_SECONDS = 0.02  # between two requests of a visitor, so that the server is not overloaded
_LONG_PAUSE_SECONDS = 0.2
_SLOW_PARTS = 8
_SLOW_SECONDS = 0.25  # between two parts of a slow request
_MOST_EXAMPLES = 20
_GRADIO = "/gradio_api/run/read_picture"
_JSON = "application/json"

# Invalid requests: path, body, type, expected status.
_INVALID = (
    ("/api/predict", b"{", _JSON, 400),
    ("/api/predict", b'{"image": "no base64!"}', _JSON, 400),
    ("/api/predict", b'{"image": "aGVsbG8="}', _JSON, 400),
    ("/api/predict", b'{"pixels": [[0, 300]]}', _JSON, 422),
    ("/api/predict", b'{"picture": 1}', _JSON, 422),
    ("/api/predict", b"hello", "text/plain", 415),
    ("/api/predict", draw_digits()[3].png[:300], "image/png", 400),
    ("/api/predict/batch", b'{"images": ["aGVsbG8="]}', _JSON, 400),
    ("/api/explain", b"", "image/webp", 400),
    ("/api/nothing", b"{}", _JSON, 404),
)


@dataclass
class Tally:
    """Numbers of responses.

    Attributes:
        correct: by visitor.
        busy: 503, by visitor.
        wrong: other responses, by visitor.
        examples: the first wrong responses.
    """

    correct: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def count(self, visitor: str, response: Response, *, correct: bool) -> None:
        """Count a response."""
        outcome = self.correct if correct else self.busy if response.status == 503 else self.wrong
        outcome[visitor] += 1
        if outcome is self.wrong and len(self.examples) < _MOST_EXAMPLES:
            self.examples.append(f"{visitor}: {response.status} {response.body[:300]!r}")


@dataclass(frozen=True)
class Visit:
    """The context of a visitor.

    Attributes:
        port: of the server.
        expected: `digits` of each drawing's reading, as the server returned them before the load.
        tally: counts the responses.
    """

    port: int
    expected: Mapping[str, Any]
    tally: Tally

    def is_correct(self, response: Response, drawing: Drawing) -> bool:
        """Return whether a response has the reading of a drawing."""
        if response.status != 200:
            return False
        found = json.loads(response.body)
        return bool(found["text"] == drawing.text and found["digits"] == self.expected[drawing.text])


async def read_unloaded(port: int) -> dict[str, Any]:
    """Return `digits` of each drawing's reading, from a server without load.

    Raises:
        ValueError: a drawing is misread.
    """
    expected = {}
    async with Connection(port) as connection:
        for drawing in (*draw_digits(), *draw_numbers()):
            found = json.loads((await connection.send(encode_request("/api/predict", drawing.body))).body)
            if found["text"] != drawing.text:
                raise ValueError(f"{drawing.text} is read as {found['text']!r}")
            expected[drawing.text] = found["digits"]
    return expected


async def _read(visit: Visit, name: str, drawings: tuple[Drawing, ...]) -> None:
    async with Connection(visit.port) as connection:
        for drawing in cycle(drawings):
            response = await connection.send(encode_request("/api/predict", drawing.body))
            visit.tally.count(name, response, correct=visit.is_correct(response, drawing))
            await asyncio.sleep(_PAUSE_SECONDS)


async def _read_batches(visit: Visit) -> None:
    drawings = draw_digits()
    body = json.dumps({"images": [drawing.base64 for drawing in drawings], "expect": "digit"}).encode()
    expected = [visit.expected[drawing.text] for drawing in drawings]
    async with Connection(visit.port) as connection:
        while True:
            response = await connection.send(encode_request("/api/predict/batch", body))
            correct = response.status == 200 and expected == [
                reading["digits"] for reading in json.loads(response.body)["readings"]
            ]
            visit.tally.count("batches", response, correct=correct)
            await asyncio.sleep(_LONG_PAUSE_SECONDS)


async def _visit_page(visit: Visit) -> None:
    """Get the page, and read a drawing with Gradio's API."""
    async with Connection(visit.port) as connection:
        for drawing in cycle(draw_digits()):
            response = await connection.send(encode_request("/", method="GET"))
            correct = response.status == 200 and b"Handwritten digits" in response.body
            visit.tally.count("page", response, correct=correct)
            body = json.dumps({"data": [drawing.base64, "digit"]}).encode()
            response = await connection.send(encode_request(_GRADIO, body))
            correct = response.status == 200 and json.loads(response.body)["data"][0]["text"] == drawing.text
            visit.tally.count("page", response, correct=correct)
            await asyncio.sleep(_LONG_PAUSE_SECONDS)


async def _send_invalid(visit: Visit) -> None:
    async with Connection(visit.port) as connection:
        for path, body, content_type, status in cycle(_INVALID):
            response = await connection.send(encode_request(path, body, content_type=content_type))
            correct = response.status == status and "error" in json.loads(response.body)
            visit.tally.count("invalid", response, correct=correct)
            await asyncio.sleep(_PAUSE_SECONDS)


async def _read_slowly(visit: Visit) -> None:
    """Send whole requests in parts."""
    for drawing in cycle(draw_digits()):
        request = encode_request("/api/predict", drawing.body)
        size = len(request) // _SLOW_PARTS + 1
        async with Connection(visit.port) as connection:
            pending = connection.expect_response()
            for start in range(0, len(request), size):
                connection.write(request[start : start + size])
                await asyncio.sleep(_SLOW_SECONDS)
            response = await pending
        visit.tally.count("slow", response, correct=visit.is_correct(response, drawing))


async def _abort(visit: Visit) -> None:
    """Close the connection in the middle of a request, and before the response."""
    for drawing in cycle(draw_digits()):
        request = encode_request("/api/predict", drawing.body)
        for part in (request[: len(request) // 2], request):
            async with Connection(visit.port) as connection:
                connection.write(part)
                await asyncio.sleep(_PAUSE_SECONDS)
        visit.tally.correct["aborted"] += 2


# Each visitor runs until it is cancelled.
VISITORS: dict[str, Callable[[Visit], Awaitable[None]]] = {
    "digits": lambda visit: _read(visit, "digits", draw_digits()),
    "numbers": lambda visit: _read(visit, "numbers", draw_numbers()),
    "batches": _read_batches,
    "page": _visit_page,
    "invalid": _send_invalid,
    "slow": _read_slowly,
    "aborted": _abort,
}
