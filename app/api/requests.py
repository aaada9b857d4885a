"""Request bodies: their schemas, and the pictures in them, in each of the accepted forms."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import numpy as np
from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from app.api.errors import UnsupportedTypeError
from app.recognition.image.formats import FORMAT_NAMES, MEDIA_TYPES
from app.recognition.image.picture import PictureError, check_size, decode_base64, picture_of_pixels
from app.recognition.reading import Expect
from app.service import PictureInput, name_place

JSON_TYPE = "application/json"

MAX_IMAGES = 1000  # in one batch
MAX_INDEX = 9999  # of a digit in one picture; the recogniser finds fewer
# An empty list takes thirty times the memory of its text; an unknown key makes an error with a text.
_MAX_JSON_LISTS = 20_000  # a row of pixels is one
_MAX_JSON_COLONS = 2_000  # of few keys, and of 1,000 data: URLs

# A 16x16 picture of a 1, dark on light.
EXAMPLE_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAIUlEQVR42mP8z4AKmBiIFWBkRBVgRFfxnwxDqSrASLrn"
    "AAd0Ax+6/PO8AAAAAElFTkSuQmCC"
)

Base64Picture = Annotated[
    str, Field(description=f"A {FORMAT_NAMES} in base64, plain or as a data: URL.", examples=[EXAMPLE_PNG])
]
ExpectField = Annotated[
    Expect | None,
    Field(
        description="`digit`: the whole picture is one digit. `number`: read digits left to right, line by "
        "line. `auto` (default): decide."
    ),
]
ExpectQuery = Annotated[
    Expect | None, Query(description="For a picture as the body; JSON has its own `expect`.")
]
_Grey = Annotated[int, Field(strict=True, ge=0, le=255)]
_NOT_EMPTY: dict[str, JsonValue] = {"minItems": 1}  # for the documentation: _check has a better message
# fail_fast, because a large array could have a million errors.
_Row = Annotated[list[_Grey], Field(fail_fast=True, json_schema_extra=_NOT_EMPTY)]
_Pixels = Annotated[list[_Row], Field(fail_fast=True, json_schema_extra=_NOT_EMPTY)]
_ONE_PICTURE: list[JsonValue] = [
    {"required": [given], "properties": {given: {"not": {"type": "null"}}, other: {"type": "null"}}}
    for given, other in (("image", "pixels"), ("pixels", "image"))
]


class PredictRequest(BaseModel):
    """One picture: either `image` or `pixels`, dark on light or light on dark."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"image": EXAMPLE_PNG, "expect": "digit"}], "oneOf": _ONE_PICTURE},
    )

    image: Base64Picture | None = None
    pixels: _Pixels | None = Field(
        None, description="Rows of grey values, 0 black to 255 white.", examples=[None]
    )
    expect: ExpectField = None

    @model_validator(mode="after")
    def _check(self) -> "PredictRequest":
        if (self.image is None) == (self.pixels is None):
            raise ValueError("give either image or pixels")
        if self.pixels is not None:
            widths = {len(row) for row in self.pixels}
            if len(widths) != 1 or 0 in widths:
                raise ValueError("pixels: give one or more rows of the same length, at least 1")
        return self


class ExplainRequest(PredictRequest):
    """One picture, and the index of the digit to explain."""

    index: int | None = Field(
        None, strict=True, ge=0, le=MAX_INDEX, description="In reading order, from 0 (default)."
    )


class BatchRequest(BaseModel):
    """Several pictures."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"images": [EXAMPLE_PNG], "expect": "digit"}]}
    )

    images: list[Base64Picture] = Field(max_length=MAX_IMAGES, fail_fast=True)
    expect: ExpectField = None


Schema = TypeVar("Schema", bound=BaseModel)


def describe_body(schema: dict[str, Any], *, picture_types: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the OpenAPI description of a body that the route itself parses."""
    content = {JSON_TYPE: {"schema": schema}}
    content |= {kind: {"schema": {"type": "string", "format": "binary"}} for kind in picture_types}
    return {"requestBody": {"required": True, "content": content}}


def parse_picture(
    body: bytes,
    content_type: str,
    *,
    max_pixels: int,
    schema: type[PredictRequest] = PredictRequest,
    expect: Expect | None = None,
    index: int | None = None,
) -> PictureInput:
    """Return the picture in a body of JSON, or the body itself as an encoded picture.

    Args:
        body: of the request.
        content_type: of the body.
        max_pixels: width x height of the largest `pixels`.
        schema: of the JSON.
        expect: of the query; JSON's own takes precedence.
        index: of the query; JSON's own takes precedence.

    Raises:
        UnsupportedTypeError: the content type is neither.
        RequestValidationError: the JSON does not have this schema.
        PictureError: the image is not base64, or the JSON has too many lists.
        TooManyPixelsError: there are more than `max_pixels`.
    """
    source: Any = body
    if content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        request = _parse_json(body, content_type, schema=schema, accepted=(JSON_TYPE, *MEDIA_TYPES))
        expect = request.expect or expect
        if isinstance(request, ExplainRequest) and request.index is not None:
            index = request.index
        if request.pixels is not None:
            check_size(len(request.pixels) * len(request.pixels[0]), max_pixels=max_pixels)
            source = picture_of_pixels(np.array(request.pixels, np.uint8))
        else:
            source = decode_base64(request.image or "")
    return PictureInput(source, expect or "auto", index or 0)


def parse_batch(body: bytes, content_type: str) -> Sequence[PictureInput]:
    """Return the pictures in a body of JSON.

    Raises: as `parse_picture` does; the message gives the picture's place.
    """
    request = _parse_json(body, content_type, schema=BatchRequest, accepted=(JSON_TYPE,))
    pictures = []
    for place, text in enumerate(request.images):
        with name_place(place):
            pictures.append(PictureInput(decode_base64(text), request.expect or "auto"))
    return pictures


def _parse_json(body: bytes, content_type: str, *, schema: type[Schema], accepted: tuple[str, ...]) -> Schema:
    """Parse JSON, but refuse a body that would take far more memory parsed than sent.

    Raises:
        UnsupportedTypeError: the content type is not JSON.
        PictureError: the JSON has too many lists.
        RequestValidationError: it has too many keys, or does not have this schema.
    """
    if content_type.partition(";")[0].strip().lower() != JSON_TYPE:
        given = repr(content_type) if content_type else "missing"
        raise UnsupportedTypeError(f"the Content-Type is {given}; send {', '.join(accepted)}")
    if len(body) > _MAX_JSON_LISTS and body.count(b"[") + body.count(b"{") > _MAX_JSON_LISTS:
        raise PictureError(f"the JSON has more than {_MAX_JSON_LISTS:,} lists")
    if body.count(b":") > _MAX_JSON_COLONS:
        message = f"the JSON has more than {_MAX_JSON_COLONS:,} keys"
        raise RequestValidationError([{"type": "too_many_keys", "loc": (), "msg": message}])
    try:
        return schema.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False)) from error
