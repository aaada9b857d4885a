"""Refuse a request before it reaches a route, and count it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from app.api.errors import CODES, make_error_response
from app.api.inference import errors as inference
from app.api.metrics import Counters
from app.api.middleware.forwarded import find_path

# Limits on the rest of a body, which is received and discarded after the response.
_REST_SECONDS = 5.0
_REST_BYTES = 64 * 2**20

Connection = tuple[Scope, Receive, Send]


async def refuse(
    connection: Connection,
    status: int,
    message: str,
    *,
    counters: Counters,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Respond with an error; `code` defaults to that of the status.

    A client that is still sending when its connection is closed does not see the response: the rest of the
    body is received first, within limits.
    """
    scope, receive, send = connection
    code = code or CODES[status]
    counters.refused.labels(code).inc()
    response = make_refusal(scope, status, message, code=code, headers=headers)

    async def send_and_receive_rest(part: Message) -> None:
        if part["type"] != "http.response.body":
            await send(part)
            return
        await send({**part, "more_body": True})
        if "expect" not in Headers(scope=scope):  # otherwise the client waits for 100 and sends no body
            await _receive_rest(receive)
        await send({"type": "http.response.body"})

    await response(scope, receive, send_and_receive_rest)


def make_refusal(
    scope: Scope, status: int, message: str, *, code: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an error response in the shape of the protocol to which the path belongs."""
    if inference.is_inference(find_path(scope)):
        return inference.make_error_response(status, message, headers=headers)
    return make_error_response(status, message, code=code, headers=headers)


async def _receive_rest(receive: Receive) -> None:
    size, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(_REST_SECONDS):
            while more and size < _REST_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)
