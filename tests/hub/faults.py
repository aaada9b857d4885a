"""What goes wrong on purpose: faults that tests inject into the stand-in, and the log of what was asked."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Close = Callable[[Scope, bool], None]  # ends a request's connection: at once, or with what is on its way sent


@dataclass(frozen=True)
class Asked:
    """A request that was answered, or dropped: then its status is 0.

    `path` is as it came, quoted; `received` and `sent` are bytes of the bodies.
    """

    method: str
    path: str
    query: str
    received: int
    status: int
    sent: int


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Which requests go wrong, and how; what is left out does not happen.

    Attributes:
        method: Requests with this method only; any for None.
        path: Requests whose quoted path holds this.
        times: So many requests, then the fault is over; for ever for None.
        before_handling: Called when the whole request is here, before it has any effect.
        wait: Seconds that follow, still before any effect.
        before_answering: Called when it has had its effect, before the answer goes out.
        drop: The connection ends without an answer, after the request has had its effect.
        status: The answer, with `headers` and no body, in place of what would happen.
        cut: The connection ends after so many bytes of a body whose whole length was announced.
        flip: The byte at this place of the body has all its bits turned.
    """

    method: str | None = None
    path: str = ""
    times: int | None = None
    before_handling: Callable[[], object] | None = None
    wait: float = 0.0
    before_answering: Callable[[], object] | None = None
    drop: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    flip: int | None = None

    def concerns(self, method: str, path: str) -> bool:
        return self.method in (None, method) and self.path in path


NO_FAULT = Fault()


class Faults:
    """The faults that are in force."""

    def __init__(self) -> None:
        self._left: list[tuple[Fault, int | None]] = []
        self._lock = threading.Lock()

    def inject(self, fault: Fault) -> None:
        with self._lock:
            self._left.append((fault, fault.times))

    def heal(self) -> None:
        with self._lock:
            self._left.clear()

    def next(self, method: str, path: str) -> Fault:
        """Return the first fault in force that concerns a request, and count it."""
        with self._lock:
            for place, (fault, times) in enumerate(self._left):
                if fault.concerns(method, path) and times != 0:
                    self._left[place] = (fault, None if times is None else times - 1)
                    return fault
        return NO_FAULT


class FaultyServer:
    """An ASGI app in front of the Hub's, that logs every request and does to it what its fault says."""

    def __init__(self, app: ASGIApp, *, faults: Faults, log: list[Asked], close: Close) -> None:
        self._app = app
        self._faults = faults
        self._log = log
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # The routes need to tell a slash of a revision, which comes quoted, from one of the path.
        scope = {**scope, "path": scope["raw_path"].decode("ascii")}
        body = await _whole_body(receive)
        if body is None:  # the client is gone
            return
        fault = self._faults.next(scope["method"], scope["path"])
        await _call(fault.before_handling)
        await asyncio.sleep(fault.wait)
        answer = _Answer(fault.status, fault.headers)
        if fault.status is None:
            await self._app(scope, _replay(body), answer.take)
        await _call(fault.before_answering)
        ended = await self._send(scope, send, fault=fault, answer=answer, received=len(body))
        if not ended:
            await receive()  # until the connection is gone: returning earlier would be answered with a 500

    async def _send(
        self, scope: Scope, send: Send, *, fault: Fault, answer: "_Answer", received: int
    ) -> bool:
        """Send what the fault leaves of an answer; return whether that was all that was announced."""
        body = b"" if scope["method"] == "HEAD" else answer.body
        sent = 0 if fault.drop else len(body[: fault.cut])
        status = 0 if fault.drop else answer.status
        # Logged before it is sent, so that who has the answer finds it in the log.
        query = scope["query_string"].decode()
        self._log.append(Asked(scope["method"], scope["path"], query, received, status, sent))
        if fault.drop:
            self._close(scope, True)
            return False
        if fault.flip is not None and fault.flip < len(body):
            body = body[: fault.flip] + bytes([body[fault.flip] ^ 0xFF]) + body[fault.flip + 1 :]
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        cut = fault.cut is not None and fault.cut < len(body)
        await send({"type": "http.response.body", "body": body[: fault.cut], "more_body": cut})
        if cut:
            self._close(scope, False)
        return not cut


class _Answer:
    """What the app answers, held back."""

    def __init__(self, status: int | None, headers: dict[str, str]) -> None:
        self.status = status or 0
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.headers += [(b"content-length", b"0")] if status else []
        self.body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.body += message["body"]


async def _whole_body(receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _call(callback: Callable[[], object] | None) -> None:
    if callback is not None:
        await to_thread.run_sync(callback)  # it may ask this very server
