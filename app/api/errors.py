"""Turns every error into `{"error": {"code", "message"}}` with the right status, in one place."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.loaded import NotReadyError
from app.api.schemas import ErrorAnswer, ErrorDetail
from app.recognition.explanation.explanation import NoSuchDigitError
from app.recognition.image.picture import PictureError, TooManyPixelsError

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
    400: "The body is no JSON, the text no base64, or the bytes no whole PNG, JPEG or WebP.",
    401: "The server asks programs for a key, and the request has none or another.",
    408: "The body did not arrive in time.",
    413: "The body has too many bytes, or the picture too many pixels.",
    415: "The Content-Type is none of application/json, image/png, image/jpeg and image/webp.",
    422: "The request has another shape than documented, or asks for a digit that is not there.",
    429: "The server limits how often one may ask. Try again later.",
    503: "The model is not loaded yet, or the server has more to do than it can. Try again later.",
}
BUSY = "the server has more to do than it can; try again later"
STOPPING = "the server is stopping"
_RETRY_AFTER_SECONDS = 1
_LONGEST_PLACE = 80  # characters of where a fault lies: the names of fields are the client's own

_logger = logging.getLogger(__name__)


class UnsupportedTypeError(ValueError):
    """The body's Content-Type is not one that is read."""


class BusyError(Exception):
    """So much waits to be read already that this would take too long."""


def document_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of these error answers."""
    return {
        status: {
            "model": ErrorAnswer,
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
    """Make `app` answer every error in the documented shape."""
    for error, status in {
        PictureError: 400,
        TooManyPixelsError: 413,
        UnsupportedTypeError: 415,
        NoSuchDigitError: 422,
        NotReadyError: 503,
    }.items():
        app.add_exception_handler(error, _answer_with(status))
    app.add_exception_handler(BusyError, _answer_busy)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(ValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    app.add_exception_handler(Exception, _answer_unexpected)


def answer_error(
    status: int, message: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer to a request that cannot be served; `code` is that of the status when not given.

    What can be asked again later says when.
    """
    if status == 503:
        headers = {"Retry-After": str(_RETRY_AFTER_SECONDS), **(headers or {})}
    detail = ErrorDetail(code=code or CODES.get(status, "refused"), message=_as_sentence(message))
    return JSONResponse(ErrorAnswer(error=detail).model_dump(), status, headers=headers)


def _answer_with(status: int) -> Any:
    async def answer(_: Request, error: Exception) -> JSONResponse:
        return answer_error(status, str(error))

    return answer


async def _answer_busy(_: Request, __: Exception) -> JSONResponse:
    return answer_error(503, BUSY, code="busy")


async def _answer_invalid(_: Request, error: Exception) -> JSONResponse:
    """Answer 422 and name the first fault and where it lies; 400 for a body that is no JSON at all."""
    if not isinstance(error, (RequestValidationError, ValidationError)):  # registered for these only
        raise error
    first = error.errors()[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        return answer_error(400, message)
    where = ".".join(str(part) for part in first["loc"])
    if len(where) > _LONGEST_PLACE:
        where = where[:_LONGEST_PLACE] + "..."
    return answer_error(422, f"{where}: {message}" if where else message)


async def _answer_http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):  # registered for these only
        raise error
    return answer_error(error.status_code, str(error.detail), headers=error.headers)


async def _answer_nobody(_: Request, __: Exception) -> Response:
    """Answer a client that hung up in the middle of its body; nobody hears it, but it is no fault of ours."""
    return Response(status_code=400)


async def _answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer_error(500, "The server made a mistake; it has been logged.")


def _as_sentence(text: str) -> str:
    """Give a message a full stop, and a capital unless it begins with a name as in "pixels.0: ..."."""
    first, _, _ = text.partition(" ")
    return (text if first.endswith(":") else text[:1].upper() + text[1:]).rstrip(".") + "."
