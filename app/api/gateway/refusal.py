"""Answers a request that does not come past the gateway, and counts it."""

from collections.abc import Mapping

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
    if inference.is_inference(connection[0]["path"]):
        answer = inference.answer_error(status, message, headers=headers)
    else:
        answer = answer_error(status, message, code=code, headers=headers)
    await answer(*connection)
