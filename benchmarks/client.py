"""A small HTTP client of many connections, with less cost for each request than the servers it drives."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast

import httptools


@dataclass
class Answer:
    """The answer to a request.

    Attributes:
        status: of HTTP; 0 when the server hung up without an answer.
        headers: by name in lower case.
        body: as it came.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def encode_request(
    path: str, body: bytes = b"", *, method: str = "POST", content_type: str = "application/json"
) -> bytes:
    """The bytes of a request on a connection that is kept."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if method == "POST":
        head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Connection(asyncio.Protocol):
    """One connection, opened anew when the server has closed it; one request at a time."""

    def __init__(self, port: int) -> None:
        """Of a server on 127.0.0.1."""
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._answer = Answer()
        self._parser = httptools.HttpResponseParser(self)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether it may be written to."""
        return self._transport is not None and not self._transport.is_closing()

    async def open(self) -> None:
        """Connect.

        Raises:
            OSError: nobody listens.
        """
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def write(self, data: bytes) -> None:
        """Send some bytes, whole requests or not."""
        if self._transport is not None:
            self._transport.write(data)

    def expect_answer(self) -> asyncio.Future[Answer]:
        """The answer to what was, or will be, written."""
        self._waiting = asyncio.get_running_loop().create_future()
        if not self.is_open:
            self._waiting.set_result(Answer())
        return self._waiting

    async def ask(self, request: bytes) -> Answer:
        """Send a whole request and wait for its answer.

        Raises:
            OSError: nobody listens any more.
        """
        if not self.is_open:
            await self.open()
        answer = self.expect_answer()
        self.write(request)
        return await answer

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast(asyncio.Transport, transport)
        self._answer = Answer()
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._parser.feed_data(data)

    def connection_lost(self, _: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._transport = None
        self._settle(Answer())

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note one header."""
        self._answer.headers[name.decode().lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Note a piece of the body."""
        self._answer.body += body

    def on_message_complete(self) -> None:
        """Hand the answer over."""
        answer, self._answer = self._answer, Answer()
        answer.status = self._parser.get_status_code()
        if answer.headers.get("connection") == "close":
            self.close()
        self._settle(answer)

    def _settle(self, answer: Answer) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)


def count_statuses(statuses: Mapping[int, int]) -> str:
    """Say how often each status came."""
    names = {0: "hung up"}
    return ", ".join(f"{names.get(status, status)}: {count:,}" for status, count in sorted(statuses.items()))
