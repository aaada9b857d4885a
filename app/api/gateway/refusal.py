"""Answers a request that does not come past the gateway, and counts it."""

from collections.abc import Mapping

from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from app.api.counters import Counters
from app.api.errors import CODES, answer_error
from app.api.inference import errors as inference

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
    """Answer with an error; its `code` is that of the status when not given."""
    code = code or CODES[status]
    counters.refused.labels(code).inc()
    answer = answer_refusal(connection[0]["path"], status, message, code=code, headers=headers)
    await answer(*connection)


def answer_refusal(
    path: str, status: int, message: str, *, code: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer in the shape that is usual at a path."""
    if inference.is_inference(path):
        return inference.answer_error(status, message, headers=headers)
    return answer_error(status, message, code=code, headers=headers)
