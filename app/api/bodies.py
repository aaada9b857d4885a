"""Find the pictures and the fields in a request body."""

import codecs
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from app.api.errors import CompressedBodyError
from app.recognition.image.picture import PictureError, decode_base64

JSON_TYPE = "application/json"
FORM_TYPE = "multipart/form-data"
_URLENCODED_TYPE = "application/x-www-form-urlencoded"
_MAX_PARTS = 1010  # of a form: a batch of 1,000 pictures, and a few fields
_TOO_MANY = f"the form has more than {_MAX_PARTS:,} parts"
_IN_MEMORY = {"MAX_MEMORY_FILE_SIZE": float("inf")}  # nothing is written to disk; the body is bounded
_FIELDS = re.compile(rb"[\w.%-]+=[^=\s]")
_TEXT = re.compile(rb"\s*(?:data:|[A-Za-z0-9+/_-]{12})", re.IGNORECASE)
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")  # of pictures with zero bytes

FILE: dict[str, Any] = {"type": "string", "format": "binary"}
FILES: dict[str, Any] = {"type": "array", "items": FILE, "minItems": 1}


@dataclass(frozen=True)
class Form:
    """The pictures of a body, encoded, and its other fields by name."""

    pictures: list[bytes]
    fields: dict[str, str] = field(default_factory=dict)


def describe_body(
    schema: dict[str, Any], *, binary_types: tuple[str, ...] = (), files: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the OpenAPI description of a body that the route itself parses.

    Args:
        schema: of JSON.
        binary_types: media types of other bodies.
        files: schema of the files in a form, if the route takes one.
    """
    content = {JSON_TYPE: {"schema": schema}} | {kind: {"schema": FILE} for kind in binary_types}
    if files:
        content[FORM_TYPE] = {
            "schema": {"type": "object", "properties": {"file": files}, "required": ["file"]}
        }
    return {"requestBody": {"required": True, "content": content}}


async def receive_body(request: Request) -> tuple[bytes, str]:
    """Return the body of a request and its Content-Type.

    Raises:
        CompressedBodyError: the body is compressed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise CompressedBodyError("the body is compressed; send it without a Content-Encoding")
    return await request.body(), request.headers.get("content-type", "")


def is_json(body: bytes, content_type: str) -> bool:
    """Return whether a body is JSON: by its Content-Type, unless it is a picture, or by its first brace."""
    is_named = _split(content_type)[0] == JSON_TYPE and not body.startswith(_SIGNATURES)
    return is_named or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def parse_form(body: bytes, content_type: str) -> Form:
    """Return the pictures of a body that is not JSON.

    It is a form with files; a form with a field `image` in base64; base64 or a data: URL as it stands; or
    else the bytes of one picture.

    Raises:
        PictureError: a form is broken or has no picture, or a text is not base64.
    """
    media_type, boundary = _split(content_type)
    if media_type == FORM_TYPE and boundary:
        return _make_form(*_parse_multipart(body, boundary))
    if media_type == FORM_TYPE and body.startswith(b"--"):
        raise PictureError(
            "the Content-Type of the form has no boundary; let your HTTP client set the header"
        )
    if body.startswith(_SIGNATURES):
        if b"\0" not in body:
            raise PictureError("the picture has lost bytes, as with curl --data; use curl --data-binary")
        return Form([body])
    body = body.removeprefix(codecs.BOM_UTF8)
    if media_type == _URLENCODED_TYPE and _FIELDS.match(body):
        return _make_form([], _parse_urlencoded(body))
    return Form([decode_base64(body.decode("latin-1")) if _TEXT.match(body) else body])


def _parse_urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("latin-1"), max_num_fields=_MAX_PARTS)
    except ValueError as error:
        raise PictureError(_TOO_MANY) from error


def _parse_multipart(body: bytes, boundary: bytes) -> tuple[list[bytes], list[tuple[str, str]]]:
    """Return the files and the other fields of a form."""
    files: list[bytes] = []
    fields: list[tuple[str, str]] = []
    count = 0

    def check_count() -> None:
        nonlocal count
        count += 1
        if count > _MAX_PARTS:
            raise PictureError(_TOO_MANY)

    def add_file(file: File) -> None:
        check_count()
        file.file_object.seek(0)
        files.append(file.file_object.read())

    def add_field(part: Field) -> None:
        check_count()
        value = part.value or b""
        if (part.content_type or "").startswith("image/"):  # a file whose name is sent as filename* only
            files.append(value)
        else:
            fields.append(((part.field_name or b"").decode("latin-1"), value.decode("latin-1")))

    try:
        parser = FormParser(FORM_TYPE, add_field, add_file, boundary=boundary, config=_IN_MEMORY)
        parser.write(body)
        parser.finalize()
    except (FormParserError, AssertionError) as error:
        raise PictureError("the form is broken") from error
    return files, fields


def _make_form(files: list[bytes], fields: list[tuple[str, str]]) -> Form:
    """Return a form whose pictures are the files, or without files those in the fields named `image`."""
    pictures = files or [decode_base64(value) for name, value in fields if name == "image"]
    if not pictures:
        raise PictureError("the form has neither a file nor a field named image with a picture in base64")
    return Form(pictures, dict(fields))


def _split(content_type: str) -> tuple[str, bytes]:
    """Return the media type, in lower case, and the boundary of a form."""
    media_type, options = parse_options_header(content_type)
    return media_type.decode("latin-1"), options.get(b"boundary", b"")
