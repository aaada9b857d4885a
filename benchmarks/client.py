"""HTTP client for load tests, which needs less processor time for a request than the servers under test."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast

import httptools


@dataclass
class Response:
    """A response.

    Attributes:
        status: HTTP status; 0 when the server closed the connection without a response.
        headers: by name in lower case.
        body: not decoded.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def encode_request(
    path: str, body: bytes = b"", *, method: str = "POST", content_type: str = "application/json"
) -> bytes:
    """Return the bytes of a request that keeps the connection open."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if method == "POST":
        head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Connection(asyncio.Protocol):
    """A connection to a port of 127.0.0.1 with one request at a time; reopened after the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._pending: asyncio.Future[Response] | None = None
        self._response = Response()
        self._parser = httptools.HttpResponseParser(self)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether bytes can be written."""
        return self._transport is not None and not self._transport.is_closing()

    async def open(self) -> None:
        """Connect.

        Raises:
            OSError: no server listens on the port.
        """
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def write(self, data: bytes) -> None:
        """Send bytes: a whole request or a part of it."""
        if self._transport is not None:
            self._transport.write(data)

    def expect_response(self) -> asyncio.Future[Response]:
        """Return the future response to the next request."""
        self._pending = asyncio.get_running_loop().create_future()
        if not self.is_open:
            self._pending.set_result(Response())
        return self._pending

    async def send(self, request: bytes) -> Response:
        """Send a whole request and return its response.

        Raises:
            OSError: no server listens on the port any more.
        """
        if not self.is_open:
            await self.open()
        response = self.expect_response()
        self.write(request)
        return await response

    # Called by the event loop; see asyncio.Protocol.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._response = Response()
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._finish(Response())

    # Called by the parser.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._response.headers[name.decode().lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._response.body += body

    def on_message_complete(self) -> None:
        response, self._response = self._response, Response()
        response.status = self._parser.get_status_code()
        if response.headers.get("connection") == "close":
            self.close()
        self._finish(response)

    def _finish(self, response: Response) -> None:
        if self._pending is not None and not self._pending.done():
            self._pending.set_result(response)


def count_statuses(statuses: Mapping[int, int]) -> str:
    """Return the number of each status as text."""
    names = {0: "closed"}
    return ", ".join(f"{names.get(status, status)}: {count:,}" for status, count in sorted(statuses.items()))
