"""Turn every error into `{"error": {"code", "message"}}` with its status, in one place."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.responses import ErrorDetail, ErrorResponse
from app.corrections.giving import TooManyCorrectionsError, WrongTextError
from app.corrections.spool import SpoolError
from app.model.loading import as_sentence
from app.recognition.adaptation import ExampleError
from app.recognition.explanation.explanation import NoSuchDigitError
from app.recognition.image.formats import FORMAT_NAMES
from app.recognition.image.picture import PictureError, TooManyPixelsError, UnknownFormatError
from app.service import BusyError, NotReadyError

CODES = {
    400: "undecodable",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_type",
    422: "wrong_shape",
    429: "too_many",
    500: "internal",
    503: "not_ready",
}
_MEANINGS = {
    400: f"The body is not JSON, the text not base64, or the bytes not a whole {FORMAT_NAMES}.",
    401: "The server requires an API key, and the request has none or a wrong one.",
    408: "The body did not arrive in time.",
    413: "The body has too many bytes, or the picture too many pixels.",
    415: "The body has a Content-Encoding; send it uncompressed.",
    422: "The request does not have the documented shape, or the index of the digit is out of range.",
    429: "The client has exceeded the rate limit. Try again later.",
    503: "The model is not loaded yet, or the server is overloaded. Try again later.",
}
_ACCEPTED = (
    'Send a picture as the body, as the file of a form (curl --form "file=@seven.png"), or in JSON: '
    '{"image": "<base64>"}'
)
BUSY = "the server is overloaded; try again later"
STOPPING = "the server is stopping"
RETRY_AFTER_SECONDS = 1
_MAX_LOCATION = 80  # characters of the location of a fault: the names of fields are the client's own

_logger = logging.getLogger(__name__)


class CompressedBodyError(ValueError):
    """The body is compressed."""


def document_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of these error responses."""
    return {
        status: {
            "model": ErrorResponse,
            "description": _MEANINGS[status],
            "content": {
                "application/json": {
                    "example": {"error": {"code": CODES[status], "message": _MEANINGS[status]}}
                }
            },
        }
        for status in statuses
    }


def add_error_handlers(app: FastAPI) -> None:
    """Make `app` return every error in the documented shape."""
    for error, status in {
        PictureError: 400,
        TooManyPixelsError: 413,
        CompressedBodyError: 415,
        ExampleError: 422,
        WrongTextError: 422,
        NoSuchDigitError: 422,
        NotReadyError: 503,
        SpoolError: 503,
    }.items():
        app.add_exception_handler(error, _return_status(status))
    app.add_exception_handler(UnknownFormatError, _return_unknown_format)
    app.add_exception_handler(BusyError, _return_busy)
    app.add_exception_handler(TooManyCorrectionsError, _return_too_many)
    app.add_exception_handler(RequestValidationError, _return_invalid)
    app.add_exception_handler(HTTPException, _return_http)
    app.add_exception_handler(ClientDisconnect, _return_disconnected)
    app.add_exception_handler(Exception, _return_unexpected)


def make_error_response(
    status: int, message: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an error response; `code` is by default that of the status. 503 gets a Retry-After header."""
    if status == 503:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS), **(headers or {})}
    detail = ErrorDetail(code=code or CODES.get(status, "refused"), message=as_sentence(message))
    return JSONResponse(ErrorResponse(error=detail).model_dump(), status, headers=headers)


def describe_fault(fault: Mapping[str, Any]) -> str:
    """Return the location and the message of a validation error of Pydantic."""
    where = ".".join(map(str, fault["loc"]))
    if len(where) > _MAX_LOCATION:
        where = where[:_MAX_LOCATION] + "..."
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _return_status(status: int) -> Any:
    async def handle(_: Request, error: Exception) -> JSONResponse:
        return make_error_response(status, str(error))

    return handle


async def _return_unknown_format(_: Request, error: Exception) -> JSONResponse:
    return make_error_response(400, f"{error}. {_ACCEPTED}")


async def _return_busy(_: Request, __: Exception) -> JSONResponse:
    return make_error_response(503, BUSY, code="busy")


async def _return_too_many(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TooManyCorrectionsError):  # registered for this class only
        raise error
    return make_error_response(429, str(error), headers={"Retry-After": str(error.seconds)})


async def _return_invalid(_: Request, error: Exception) -> JSONResponse:
    """Return 422 with the first fault and its location; 400 for a body that is not JSON."""
    if not isinstance(error, RequestValidationError):  # registered for this class only
        raise error
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return make_error_response(400, first["msg"])
    return make_error_response(422, describe_fault(first))


async def _return_http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):  # registered for these only
        raise error
    return make_error_response(error.status_code, str(error.detail), headers=error.headers)


async def _return_disconnected(_: Request, __: Exception) -> Response:
    """Return a response for the access log: the client has disconnected while sending its body."""
    return Response(status_code=400)


async def _return_unexpected(request: Request, error: Exception) -> JSONResponse:
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return make_error_response(500, "Internal error; it has been logged.")
