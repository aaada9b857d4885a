"""Faults that tests inject into the stand-in Hub, and its record of requests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class RecordedRequest:
    """A request, and the status of its response."""

    method: str
    path: str
    status: int


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Which requests fail, and how.

    Attributes:
        method: Only requests with this method fail; None for any.
        path: Only requests whose path contains this fail.
        times: The number of requests that fail; None for no limit.
        before_handling: Called before the request has any effect.
        wait: Seconds before the request has any effect.
        status: The status of the response, sent with `headers` and `body` instead of handling the request.
        cut: The connection ends after this many bytes of the response's body.
        drop: The connection ends without a response, after the request had its effect.
    """

    method: str | None = None
    path: str = ""
    times: int | None = None
    before_handling: Callable[[], object] = lambda: None
    wait: float = 0.0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    cut: int | None = None
    drop: bool = False


class FaultMiddleware:
    """Middleware that records all requests and injects faults.

    Attributes:
        faults: The faults to inject, each with `times` as many times; of several faults for a request, the
            first is injected.
        requests: All requests so far, in the order of the responses.
    """

    def __init__(self, app: ASGIApp, *, abort: Callable[[Scope], None]) -> None:
        """Wrap `app`; `abort` is called to end the connection of a request."""
        self.faults: list[Fault] = []
        self.requests: list[RecordedRequest] = []
        self._app = app
        self._abort = abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._next_fault(scope)
        fault.before_handling()
        await asyncio.sleep(fault.wait)

        async def send_with_fault(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.requests.append(RecordedRequest(scope["method"], scope["path"], message["status"]))
            elif fault.cut is not None and fault.cut < len(message["body"]):
                # Uvicorn closes the connection, because the rest of the body is never sent.
                message = {**message, "body": message["body"][: fault.cut], "more_body": True}
            if not fault.drop:
                await send(message)

        failure = Response(fault.body, fault.status, fault.headers) if fault.status else None
        await (failure or self._app)(scope, receive, send_with_fault)
        if fault.drop:
            self._abort(scope)
            while (await receive())["type"] != "http.disconnect":
                pass

    def _next_fault(self, scope: Scope) -> Fault:
        for fault in self.faults:
            if fault.method in (None, scope["method"]) and fault.path in scope["path"]:
                if fault.times is not None:
                    self.faults.remove(fault)
                return fault
        return Fault()
