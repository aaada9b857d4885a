"""Uvicorn's httptools protocol with a limit on the size and the time of a request's head.

Uvicorn has no option for either: httptools keeps a head of any size, and no timeout runs before the first
response. Its h11 protocol limits the size, but takes a tenth more processor time for a request.
"""

import asyncio
import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MAX_HEAD_BYTES = 2**16  # the parser keeps all of them until the head, or the trailer, is complete
_HEAD_SECONDS = 20.0
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)


class HeadLimitProtocol(HttpToolsProtocol):
    """Closes connections on which the head of a request is too large or too slow."""

    _unparsed = 0  # bytes received since a head or a part of a body was complete
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_idle():
            self._start_timer()
            if not self._unparsed:
                data = _remove_upgrade(data)
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > _MAX_HEAD_BYTES:
            if self._is_idle():
                self.send_400_response(f"The head of the request has more than {_MAX_HEAD_BYTES:,} bytes.")
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._unparsed = 0
        self._stop_timer()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unparsed = 0
        super().on_message_complete()

    def _is_idle(self) -> bool:
        """Return whether no request waits for its response."""
        return self.cycle is None or self.cycle.response_complete

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(_HEAD_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _remove_upgrade(data: bytes) -> bytes:
    """Ignore an offer of another protocol, as RFC 9110, 7.8 allows: httptools would drop the body.

    Java's HTTP client offers HTTP/2 with every request to an http:// address.
    """
    head, end, body = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head) + end + body if end and _UPGRADE.search(head) else data
