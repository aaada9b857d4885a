"""Answers every error in the protocol's own shape, `{"error": "<message>"}`."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.errors import BUSY, BusyError
from app.api.inference.schemas import InferenceError
from app.api.loaded import NotReadyError

PREFIX = "/v2"
# What OpenAPI says of every route here.
ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"model": InferenceError, "description": "The request cannot be served; the message says why."}
}
_RETRY_AFTER_SECONDS = 1

_logger = logging.getLogger(__name__)


class RequestError(ValueError):
    """The request cannot be served; the message says what is wrong with it."""


class InferenceRoute(APIRoute):
    """A route whose errors have the protocol's shape and not that of the rest of the API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_or_refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except ClientDisconnect:  # nobody hears an answer
                raise
            except Exception as error:
                return _refuse(request, error)

        return handle_or_refuse


def is_inference(path: str) -> bool:
    """Say whether the protocol is spoken at `path`."""
    return f"{path}/".startswith(f"{PREFIX}/")


def answer_error(status: int, message: str, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer to a request that cannot be served. What can be asked again later says when."""
    if status == 503:
        headers = {"Retry-After": str(_RETRY_AFTER_SECONDS), **(headers or {})}
    return JSONResponse(InferenceError(error=message).model_dump(), status, headers=headers)


def _refuse(request: Request, error: Exception) -> JSONResponse:
    match error:
        case RequestError():
            return answer_error(400, str(error))
        case NotReadyError():
            return answer_error(503, str(error))
        case BusyError():
            return answer_error(503, BUSY)
        case HTTPException():
            return answer_error(error.status_code, str(error.detail), headers=error.headers)
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer_error(500, "the server made a mistake; it has been logged")
