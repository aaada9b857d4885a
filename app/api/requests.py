"""Request bodies: their schemas, and the pictures in them, in each of the accepted forms."""

import codecs
import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

import numpy as np
from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from app.api.arrays import ArrayError, as_grey, describe_array, parse_array
from app.api.bodies import is_json, parse_form
from app.recognition.adaptation import Example
from app.recognition.image.formats import FORMAT_NAMES
from app.recognition.image.picture import (
    Picture,
    PictureError,
    check_size,
    decode_base64,
    picture_of_pixels,
)
from app.recognition.reading import Expect
from app.service import ExamplePicture, PictureInput, name_place

MAX_IMAGES = 1000  # in one batch
_MAX_EXAMPLES = 200
_LARGEST_NUMBER = 1e6  # of an embedding: its square must fit into float32
MAX_INDEX = 9999  # of a digit in one picture; the recogniser finds fewer
# An empty list takes thirty times the memory of its text; an unknown key makes an error with a text.
_MAX_JSON_LISTS = 20_000  # a row of pixels is one, and a pixel of one channel
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
EmbeddingsQuery = Annotated[
    bool, Query(description="Whether each digit has its embedding, to be sent as an example later.")
]
ExpectQuery = Annotated[
    Expect | None, Query(description="For a picture as the body; JSON has its own `expect`.")
]
_SHAPES = "(height, width), (height, width, 1) or a flat square"
_NESTED = (describe_array(*shape) for shape in ((None, None), (None, None, 1), (None,)))
_PIXELS_SCHEMA = {"anyOf": [*_NESTED, {"type": "null"}]}
_Number = Annotated[float, Field(ge=-_LARGEST_NUMBER, le=_LARGEST_NUMBER)]
_Probability = Annotated[float, Field(ge=0, le=1)]
_Pixels = Annotated[list[Any] | None, WithJsonSchema(_PIXELS_SCHEMA)]  # NumPy checks the many values


def _either(*names: str) -> list[JsonValue]:
    """Return the JSON Schema of an object that has just one of two fields."""
    return [
        {"required": [given], "properties": {given: {"not": {"type": "null"}}, other: {"type": "null"}}}
        for given, other in (names, names[::-1])
    ]


class PictureRequest(BaseModel):
    """One picture: either `image` or `pixels`, dark on light or light on dark."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"image": EXAMPLE_PNG, "expect": "digit"}],
            "oneOf": _either("image", "pixels"),
        },
    )

    image: Base64Picture | None = None
    pixels: _Pixels = Field(
        None,
        description=f"Grey values, 0 black to 255 white, as {_SHAPES}.",
        examples=[None],
    )
    scale: Literal[1, 255] = Field(255, description="The grey value of white in `pixels`.")
    expect: ExpectField = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.image is None) == (self.pixels is None):
            raise ValueError('give either image or pixels, such as {"image": "<base64>"}')
        return self


class LabelledDigit(BaseModel):
    """A digit of the same writer: its picture, or its embedding of an earlier response."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": _either("image", "embedding")})

    digit: int = Field(strict=True, ge=0, description="What it is.")
    image: Base64Picture | None = None
    embedding: list[_Number] | None = Field(None, min_length=1, description="Only its direction counts.")
    probabilities: list[_Probability] | None = Field(
        None,
        min_length=1,
        description="Of the same response. Without them, the digit counts as if the reader had not known it.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.image is None) == (self.embedding is None):
            raise ValueError("give either image or embedding")
        return self


class PredictRequest(PictureRequest):
    """One picture, and digits of the same writer, to which the reader is adapted."""

    examples: list[LabelledDigit] = Field(
        [], max_length=_MAX_EXAMPLES, description="Digits of the same writer whose values are known."
    )


class ExplainRequest(PictureRequest):
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


class _Options(BaseModel):
    """The fields of a form beside its pictures; others are ignored."""

    expect: Expect | None = None
    index: Annotated[int, Field(ge=0, le=MAX_INDEX)] | None = None


Schema = TypeVar("Schema", bound=BaseModel)


def parse_picture(
    body: bytes,
    content_type: str,
    *,
    max_pixels: int,
    schema: type[PictureRequest] = PredictRequest,
    expect: Expect | None = None,
    index: int | None = None,
) -> PictureInput:
    """Return the picture in a body of JSON, in a form, or the body itself as an encoded picture.

    Args:
        body: of the request.
        content_type: of the body.
        max_pixels: width x height of the largest `pixels`.
        schema: of the JSON.
        expect: of the query; those of JSON and of a form take precedence.
        index: of the query, likewise.

    Raises:
        RequestValidationError: the JSON does not have this schema, or a field of the form is invalid.
        PictureError: there is no picture in the body, or the JSON has too many lists.
        TooManyPixelsError: there are more than `max_pixels`.
    """
    source: bytes | Picture
    options: PictureRequest | _Options
    if is_json(body, content_type):
        options = request = parse_json(body, schema)
        source = (
            decode_base64(request.image) if request.image is not None else _make_picture(request, max_pixels)
        )
    else:
        pictures, options = _parse_form(body, content_type)
        if len(pictures) > 1:
            raise PictureError(f"there are {len(pictures)} pictures; send one, or all to /api/predict/batch")
        [source] = pictures
    chosen = getattr(options, "index", None)
    place = chosen if chosen is not None else index or 0
    examples = [_make_example(example, at) for at, example in enumerate(getattr(options, "examples", ()))]
    return PictureInput(source, options.expect or expect or "auto", place, examples)


def parse_batch(body: bytes, content_type: str, *, expect: Expect | None = None) -> Sequence[PictureInput]:
    """Return the pictures in a body of JSON or in a form.

    Raises: as `parse_picture` does; the message gives the picture's place.
    """
    if not is_json(body, content_type):
        pictures, options = _parse_form(body, content_type)
        if len(pictures) > MAX_IMAGES:
            raise PictureError(f"there are {len(pictures):,} pictures; send at most {MAX_IMAGES:,}")
        return [PictureInput(picture, options.expect or expect or "auto") for picture in pictures]
    request = parse_json(body, BatchRequest)
    found = []
    for place, text in enumerate(request.images):
        with name_place(place):
            found.append(PictureInput(decode_base64(text), request.expect or expect or "auto"))
    return found


def _make_example(given: LabelledDigit, place: int) -> ExamplePicture | Example:
    if given.embedding is None:
        with name_place(place, of="examples"):
            return ExamplePicture(decode_base64(given.image or ""), given.digit)
    probabilities = np.array(given.probabilities or (), np.float32)
    return Example(np.array(given.embedding, np.float32), probabilities, given.digit)


def _make_picture(request: PictureRequest, max_pixels: int) -> Picture:
    """Return the picture in `pixels`."""
    try:
        values = parse_array(request.pixels or [], name="pixels")
        side = math.isqrt(values.size)
        match values.shape:
            case (height, width) | (height, width, 1) if values.size:
                shape = height, width
            case (size,) if 0 < size == side**2:
                shape = side, side
            case _:
                raise ArrayError(f"pixels: the shape is {values.shape}; send {_SHAPES}")
        check_size(values.size, max_pixels=max_pixels)
        if request.scale == 255 and 0 < values.max() <= 1:
            raise ArrayError('pixels: all values are from 0 to 1; send "scale": 1 with them')
        return picture_of_pixels(as_grey(values.reshape(shape), largest=request.scale, name="pixels"))
    except ArrayError as error:
        raise RequestValidationError([{"type": "array", "loc": (), "msg": str(error)}]) from error


def _parse_form(body: bytes, content_type: str) -> tuple[list[bytes], _Options]:
    form = parse_form(body, content_type)
    return form.pictures, _validate(lambda: _Options.model_validate(form.fields))


def parse_json(body: bytes, schema: type[Schema]) -> Schema:
    """Parse JSON; refuse a body that would take far more memory parsed than sent.

    Raises:
        PictureError: the JSON has too many lists.
        RequestValidationError: it has too many keys, or does not have this schema.
    """
    if len(body) > _MAX_JSON_LISTS and body.count(b"[") + body.count(b"{") > _MAX_JSON_LISTS:
        raise PictureError(f"the JSON has more than {_MAX_JSON_LISTS:,} lists")
    if body.count(b":") > _MAX_JSON_COLONS:
        message = f"the JSON has more than {_MAX_JSON_COLONS:,} keys"
        raise RequestValidationError([{"type": "too_many_keys", "loc": (), "msg": message}])
    text = body.removeprefix(codecs.BOM_UTF8)
    return _validate(lambda: schema.model_validate_json(text))


def _validate(parse: Callable[[], Schema]) -> Schema:
    try:
        return parse()
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False)) from error
