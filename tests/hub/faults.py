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
    """The requests that fail, and the way in which they fail."""

    method: str | None = None  # of the requests; None for any
    path: str = ""  # part of the requests' paths
    times: int | None = None  # number of requests; None for no limit
    before_handling: Callable[[], object] = lambda: None  # called before the request has an effect
    wait: float = 0.0  # seconds before the request has an effect
    status: int | None = None  # of a response, with `headers` and `body`, in place of the app's
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    cut: int | None = None  # bytes of the response's body after which the connection ends
    drop: bool = False  # end the connection without a response, after the request had its effect


class FaultMiddleware:
    """Middleware that records all requests and injects faults.

    Attributes:
        faults: The faults to inject, each as often as `times`; a request gets the first that applies.
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
