"""Visitors of a long run: each asks in its own way, and knows what the answer must be."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from benchmarks.client import Answer, Connection, encode_request
from benchmarks.drawings import Drawing, draw_digits, draw_numbers

_PAUSE_SECONDS = 0.02  # between two requests of a visitor: together they stay below what can be served
_SLOW_PIECES = 8
_SLOW_SECONDS = 0.25  # from one piece to the next
_LONGEST_LIST = 20  # of wrong answers that are kept
_GRADIO = "/gradio_api/run/read_picture"
_JSON = "application/json"

# Requests that must be refused: path, body, type, status.
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
    """What the visitors were answered.

    Attributes:
        right: answers as they must be, by visitor.
        busy: 503, which a client is to repeat, by visitor.
        wrong: those that were neither, by visitor.
        examples: the first of those, described.
    """

    right: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def note(self, visitor: str, answer: Answer, *, right: bool) -> None:
        """Note an answer."""
        if right:
            self.right[visitor] += 1
        elif answer.status == 503:
            self.busy[visitor] += 1
        else:
            self.wrong[visitor] += 1
            if len(self.examples) < _LONGEST_LIST:
                self.examples.append(f"{visitor}: {answer.status} {answer.body[:300]!r}")


@dataclass(frozen=True)
class Visit:
    """What a visitor works with.

    Attributes:
        port: of the server.
        expected: the digits of each drawing's reading, as the server gave them before the load.
        tally: where to note answers.
    """

    port: int
    expected: Mapping[str, Any]
    tally: Tally


Visitor = Callable[[Visit], Awaitable[None]]


def list_visitors() -> dict[str, Visitor]:
    """Each visitor by name; all of them stay until they are cancelled."""
    return {
        "digits": lambda visit: _read(visit, "digits", draw_digits()),
        "numbers": lambda visit: _read(visit, "numbers", draw_numbers()),
        "batches": _read_batches,
        "page": _visit_page,
        "invalid": _send_invalid,
        "slow": _read_slowly,
        "aborted": _abort,
    }


async def read_before(port: int) -> dict[str, Any]:
    """The digits of each drawing's reading.

    Raises:
        ValueError: a drawing is misread before there is any load.
    """
    expected = {}
    async with Connection(port) as connection:
        for drawing in (*draw_digits(), *draw_numbers()):
            found = json.loads((await connection.ask(encode_request("/api/predict", drawing.body))).body)
            if found["text"] != drawing.text:
                raise ValueError(f"{drawing.text} is read as {found['text']!r}")
            expected[drawing.text] = found["digits"]
    return expected


def _is_right(answer: Answer, drawing: Drawing, visit: Visit) -> bool:
    if answer.status != 200:
        return False
    found = json.loads(answer.body)
    return bool(found["text"] == drawing.text and found["digits"] == visit.expected[drawing.text])


async def _read(visit: Visit, name: str, drawings: tuple[Drawing, ...]) -> None:
    async with Connection(visit.port) as connection:
        for drawing in cycle(drawings):
            answer = await connection.ask(encode_request("/api/predict", drawing.body))
            visit.tally.note(name, answer, right=_is_right(answer, drawing, visit))
            await asyncio.sleep(_PAUSE_SECONDS)


async def _read_batches(visit: Visit) -> None:
    drawings = draw_digits()
    body = json.dumps({"images": [drawing.base64 for drawing in drawings], "expect": "digit"}).encode()
    request = encode_request("/api/predict/batch", body)
    async with Connection(visit.port) as connection:
        while True:
            answer = await connection.ask(request)
            right = answer.status == 200 and [
                reading["digits"] for reading in json.loads(answer.body)["readings"]
            ] == [visit.expected[drawing.text] for drawing in drawings]
            visit.tally.note("batches", answer, right=right)
            await asyncio.sleep(10 * _PAUSE_SECONDS)


async def _visit_page(visit: Visit) -> None:
    """Fetch the page, and read through its own API."""
    async with Connection(visit.port) as connection:
        for drawing in cycle(draw_digits()):
            answer = await connection.ask(encode_request("/", method="GET"))
            visit.tally.note(
                "page", answer, right=answer.status == 200 and b"Handwritten digits" in answer.body
            )
            body = json.dumps({"data": [drawing.base64, "digit"]}).encode()
            answer = await connection.ask(encode_request(_GRADIO, body))
            right = answer.status == 200 and json.loads(answer.body)["data"][0]["text"] == drawing.text
            visit.tally.note("page", answer, right=right)
            await asyncio.sleep(10 * _PAUSE_SECONDS)


async def _send_invalid(visit: Visit) -> None:
    async with Connection(visit.port) as connection:
        for path, body, content_type, status in cycle(_INVALID):
            answer = await connection.ask(encode_request(path, body, content_type=content_type))
            right = answer.status == status and "error" in json.loads(answer.body)
            visit.tally.note("invalid", answer, right=right)
            await asyncio.sleep(_PAUSE_SECONDS)


async def _read_slowly(visit: Visit) -> None:
    """Send whole requests, piece by piece."""
    for drawing in cycle(draw_digits()):
        async with Connection(visit.port) as connection:
            answer = connection.expect_answer()
            for piece in _cut(encode_request("/api/predict", drawing.body)):
                connection.write(piece)
                await asyncio.sleep(_SLOW_SECONDS)
            visit.tally.note("slow", await answer, right=_is_right(await answer, drawing, visit))


async def _abort(visit: Visit) -> None:
    """Hang up in the middle of a body, and after a whole one; no answer, so none can be wrong."""
    for drawing in cycle(draw_digits()):
        request = encode_request("/api/predict", drawing.body)
        for part in (request[: len(request) // 2], request):
            async with Connection(visit.port) as connection:
                connection.write(part)
                await asyncio.sleep(_PAUSE_SECONDS)
        visit.tally.right["aborted"] += 2


def _cut(request: bytes) -> Iterator[bytes]:
    size = len(request) // _SLOW_PIECES + 1
    for start in range(0, len(request), size):
        yield request[start : start + size]
