"""HTTP as Uvicorn speaks it, for crowds and for slow clients."""

import asyncio
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any

import httptools
from starlette.datastructures import State
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api import errors
from app.api.inference import errors as inference
from app.api.middleware.load_shedding import Admission

_WITHOUT_WORK = (b"GET", b"HEAD", b"OPTIONS")
_TUNNEL = b"CONNECT"  # the parser takes it for an offer of another protocol, whatever its head says
_INVALID = "Invalid HTTP request received."
_LARGEST_HEAD = 2**16  # bytes, of which the parser keeps each until the head ends; those of a trailer as well
_HEADERS_SECONDS = 20.0  # for the head of one request; the body has its own limit


class HttpProtocol(HttpToolsProtocol):
    """Refuses crowds, and heads of requests that do not end.

    What is refused costs next to nothing here, and ten times as much once it is a request to the app.
    """

    _head_due: asyncio.TimerHandle | None = None
    _is_refused = False  # the request that is being received
    _kept = 0  # bytes since a head, or a piece of a body, was last received whole
    _has_hung_up = False  # what still comes is not looked at

    def __init__(self, *, state: State, **given: Any) -> None:
        """Refuse what `state.admission` does not let in; `state.stopping` closes connections.

        Pages of `state.cors_origins` see what they are refused.
        """
        super().__init__(**given)
        self._state = state
        self._admission: Admission = state.admission

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take what comes; an offer to go on in another protocol is passed over, as RFC 9110, 7.8 allows."""
        if self._has_hung_up:
            return
        self._unset_keepalive_if_required()
        self._kept += len(data)
        rest = memoryview(data)
        try:
            while rest:
                rest = self._feed(rest)
        except httptools.HttpParserError:
            self.logger.warning(_INVALID)
            self.send_400_response(_INVALID)
        else:
            if self._kept > _LARGEST_HEAD:
                self._refuse_head()

    def _feed(self, data: memoryview) -> memoryview:
        """Parse data; return what is left of it after a head that offered another protocol."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if self.parser.get_method() != _TUNNEL:
                head = self._encode_plain_head()
                self.parser = httptools.HttpRequestParser(self)  # the old one may have seen the last request
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as Uvicorn's own
                self.parser.feed_data(head)
            return data[offer.args[0] :]
        return data[len(data) :]

    def _encode_plain_head(self) -> bytes:
        """Return the head of the request as it would be without its offer of another protocol."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._kept = 0
        if self._offers_upgrade():
            return  # the parser takes it to have no body; it comes again, as a plain one
        self._is_refused = self._may_be_refused() and not self._admission.lets_in()
        if not self._is_refused:  # otherwise its body is waited for as well
            self._stop_waiting()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._kept = 0
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._kept = 0
        if self._offers_upgrade():
            return
        if not self._is_refused:
            super().on_message_complete()
            return
        self._stop_waiting()
        self._admission.note_refusal(self.parser.get_method().decode())
        closing = self._state.stopping or not self.parser.should_keep_alive()
        is_inference = inference.is_inference(self.url.decode("latin-1"))
        origin = _allow_origin(self.headers, self._state.cors_origins)
        self.transport.write(_encode_unavailable(is_inference, origin, closing=closing))
        if closing:
            self.transport.close()
            return
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def on_response_complete(self) -> None:
        self._admission.note_answer()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def is_answering(self) -> bool:
        """Say whether an answer has begun and has not ended: a stream, for all else is sent in one piece."""
        return self._is_waited_for() and self.cycle.response_started

    def cut_off(self) -> None:
        """End the connection; a request to which nothing was answered yet is told why."""
        if self.cycle is None or self.cycle.response_started or self.pipeline:
            self.transport.abort()
            return
        is_inference = inference.is_inference(self.cycle.scope["path"])
        origin = _allow_origin(self.cycle.scope["headers"], self._state.cors_origins)
        self.transport.write(_encode_unavailable(is_inference, origin, closing=True, stopping=True))
        self.transport.close()

    def _refuse_head(self) -> None:
        """Answer, and wait for the client to close: while it is sending it would not see the answer."""
        if self._is_waited_for():
            self.transport.close()
            return
        self.transport.write(_encode_too_large())
        self.transport.write_eof()
        self._has_hung_up = True
        self._wait_for_head()  # no longer than for one

    def _is_waited_for(self) -> bool:
        """Say whether a request is not answered yet, so that nothing else can be sent."""
        return self.cycle is not None and not self.cycle.response_complete

    def _offers_upgrade(self) -> bool:
        return self.parser.should_upgrade() and self.parser.get_method() != _TUNNEL

    def _may_be_refused(self) -> bool:
        """Say whether work is asked, and an answer can be sent at once: the last one must have been."""
        asked = self.parser.get_method() not in _WITHOUT_WORK
        return asked and not self._is_waited_for() and not self.expect_100_continue

    def _wait_for_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(_HEADERS_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None


def _allow_origin(headers: Iterable[tuple[bytes, bytes]], allowed: tuple[str, ...]) -> str | None:
    """Return what the pages of a request's origin are let see an answer by; None where they may not."""
    origins = [value.decode("latin-1") for name, value in headers if name == b"origin"] if allowed else []
    if origins and "*" in allowed:
        return "*"
    return next((origin for origin in origins if origin in allowed), None)


@cache
def _encode_unavailable(
    is_inference: bool, origin: str | None, *, closing: bool, stopping: bool = False
) -> bytes:
    """Return the answer to what is refused or cut off, as it is sent; pages of `origin` may see it."""
    code, message = ("not_ready", errors.STOPPING) if stopping else ("busy", errors.BUSY)
    if is_inference:
        answer = inference.make_error_response(503, message)
    else:
        answer = errors.make_error_response(503, message, code=code)
    if origin is not None:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Expose-Headers"] = "Retry-After"
        answer.headers["Vary"] = "Origin"
    return _encode(answer, closing=closing)


@cache
def _encode_too_large() -> bytes:
    message = f"the head of the request has more than {_LARGEST_HEAD:,} bytes"
    return _encode(errors.make_error_response(431, message, code=errors.CODES[413]), closing=True)


def _encode(answer: Response, *, closing: bool) -> bytes:
    if closing:
        answer.headers["Connection"] = "close"
    status = HTTPStatus(answer.status_code)
    lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode())]
    lines += [b"%s: %s" % header for header in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
