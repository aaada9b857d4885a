"""Return every error in the protocol's own shape, `{"error": "<message>"}`."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.errors import BUSY, RETRY_AFTER_SECONDS, CompressedBodyError
from app.api.inference.schemas import InferenceError
from app.service import BusyError, NotReadyError

PREFIX = "/v2"
PREFIXES = (PREFIX, "/v1")  # of paths whose errors have the same shape
# The OpenAPI description of the errors of every route.
ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"model": InferenceError, "description": "The request failed; the message is the reason."}
}

_logger = logging.getLogger(__name__)


class RequestError(ValueError):
    """The request is invalid; the message is the reason."""


class InferenceRoute(APIRoute):
    """A route whose errors have the shape of the protocol, not of the JSON API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of a request."""
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except ClientDisconnect:  # there is no client for a response
                raise
            except Exception as error:
                return _describe_error(request, error)

        return handle_errors


def is_inference(path: str) -> bool:
    """Return whether `path` belongs to the protocol, or to TensorFlow Serving's."""
    return f"{path}/".startswith(tuple(f"{prefix}/" for prefix in PREFIXES))


def make_error_response(
    status: int, message: str, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an error response; 503 gets a Retry-After header."""
    if status == 503:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS), **(headers or {})}
    return JSONResponse(InferenceError(error=message).model_dump(), status, headers=headers)


def _describe_error(request: Request, error: Exception) -> JSONResponse:
    match error:
        case RequestError():
            return make_error_response(400, str(error))
        case CompressedBodyError():
            return make_error_response(415, str(error))
        case NotReadyError():
            return make_error_response(503, str(error))
        case BusyError():
            return make_error_response(503, BUSY)
        case HTTPException():
            return make_error_response(error.status_code, str(error.detail), headers=error.headers)
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return make_error_response(500, "internal error; it has been logged")
