"""Answers a request that does not come past the gateway, and counts it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from app.api.counters import Counters
from app.api.errors import CODES, make_error_response
from app.api.inference import errors as inference

# So much of a body is still received, and thrown away, after the answer.
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
    """Answer with an error; its `code` is that of the status when not given.

    A client that is still sending when its connection is closed never sees the answer: the rest of the body
    is received first, within limits.
    """
    scope, receive, send = connection
    code = code or CODES[status]
    counters.refused.labels(code).inc()
    answer = answer_refusal(scope["path"], status, message, code=code, headers=headers)

    async def send_and_receive_rest(part: Message) -> None:
        if part["type"] != "http.response.body":
            await send(part)
            return
        await send({**part, "more_body": True})
        if "expect" not in Headers(scope=scope):  # otherwise none comes, for none was asked for
            await _receive_rest(receive)
        await send({"type": "http.response.body"})

    await answer(scope, receive, send_and_receive_rest)


def answer_refusal(
    path: str, status: int, message: str, *, code: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer in the shape that is usual at a path."""
    if inference.is_inference(path):
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
