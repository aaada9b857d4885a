"""From the body of a request to the picture it holds, in each of the forms that are accepted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from fastapi.exceptions import RequestValidationError
from PIL import Image

from app.api.errors import UnsupportedTypeError
from app.api.schemas import BatchRequest, ExplainRequest, PredictRequest
from app.recognition.image.base64_text import decode_base64
from app.recognition.image.picture import (
    Picture,
    PictureError,
    check_size,
    decode_picture,
    open_picture,
    picture_of_pixels,
)
from app.recognition.reading import Expect

JSON_TYPE = "application/json"
PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp")
_MOST_LISTS = 20_000  # in JSON, of which one is a row of pixels: an empty one takes thirty times its text
_MOST_COLONS = 2_000  # in JSON: of few keys, and of 1,000 data: URLs; each unknown key is a fault with a text


@dataclass(frozen=True)
class Upload:
    """A picture whose size is known, and which may still have to be decoded."""

    source: Picture | Image.Image
    expect: Expect | None = None
    place: int | None = None  # in a batch
    index: int | None = None  # of the digit to explain

    @property
    def pixels(self) -> int:
        """Width x height."""
        if isinstance(self.source, Picture):
            return len(self.source.colour) * len(self.source.colour[0])
        return self.source.width * self.source.height

    def decode(self) -> Picture:
        """Return the picture.

        Raises:
            PictureError: it is truncated or broken.
        """
        if isinstance(self.source, Picture):
            return self.source
        try:
            return decode_picture(self.source)
        except PictureError as error:
            if self.place is None:
                raise
            raise PictureError(f"images.{self.place}: {error}") from error


def describe_body(schema: dict[str, Any], *, picture_types: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the OpenAPI description of a body that the route itself parses."""
    content = {JSON_TYPE: {"schema": schema}}
    content |= {kind: {"schema": {"type": "string", "format": "binary"}} for kind in picture_types}
    return {"requestBody": {"required": True, "content": content}}


def parse_upload(
    body: bytes, content_type: str, *, max_pixels: int, schema: type[PredictRequest] = PredictRequest
) -> Upload:
    """Find the picture in a body of JSON or of an encoded picture.

    Args:
        body: of the request.
        content_type: its type.
        max_pixels: width x height of the largest picture.
        schema: of the JSON.

    Raises:
        UnsupportedTypeError: the content type is neither.
        pydantic.ValidationError: the JSON has another shape.
        RequestValidationError: the JSON has more keys than any shape.
        PictureError: it holds no picture.
        TooManyPixelsError: it holds a picture that is too large.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in PICTURE_TYPES:
        return Upload(open_picture(body, max_pixels=max_pixels))
    _check_json(body, content_type, accepted=(JSON_TYPE, *PICTURE_TYPES))
    request = schema.model_validate_json(body)
    index = request.index if isinstance(request, ExplainRequest) else None
    return Upload(_find_picture(request, max_pixels=max_pixels), request.expect, index=index)


def _find_picture(request: PredictRequest, *, max_pixels: int) -> Picture | Image.Image:
    if request.pixels is None:
        return _open_base64(request.image or "", max_pixels=max_pixels)
    check_size(len(request.pixels) * len(request.pixels[0]), max_pixels=max_pixels)
    return picture_of_pixels(np.array(request.pixels, np.uint8))


def parse_batch(body: bytes, content_type: str, *, max_pixels: int) -> list[Upload]:
    """Find the pictures in a body of JSON. Together they may have `max_pixels`.

    Raises: as `parse_upload` does; the message gives the picture's place.
    """
    _check_json(body, content_type, accepted=(JSON_TYPE,))
    request = BatchRequest.model_validate_json(body)
    uploads = []
    for place, text in enumerate(request.images):
        try:
            image = _open_base64(text, max_pixels=max_pixels)
        except PictureError as error:
            raise type(error)(f"images.{place}: {error}") from error
        uploads.append(Upload(image, request.expect, place=place))
    check_size(sum(upload.pixels for upload in uploads), max_pixels=max_pixels)
    return uploads


def _open_base64(text: str, *, max_pixels: int) -> Image.Image:
    return open_picture(decode_base64(text), max_pixels=max_pixels)


def _check_json(body: bytes, content_type: str, *, accepted: tuple[str, ...]) -> None:
    """Refuse what is not JSON, and what would take far more memory parsed than sent.

    Raises:
        UnsupportedTypeError: the content type is not that of JSON.
        PictureError: the JSON has too many lists.
        RequestValidationError: it has too many keys.
    """
    if content_type.partition(";")[0].strip().lower() != JSON_TYPE:
        given = repr(content_type) if content_type else "missing"
        raise UnsupportedTypeError(f"the Content-Type is {given}; send {', '.join(accepted)}")
    if body.count(b"[") + body.count(b"{") > _MOST_LISTS:
        raise PictureError(f"the JSON has more than {_MOST_LISTS:,} lists")
    if body.count(b":") > _MOST_COLONS:
        fault = {"type": "too_many_keys", "loc": (), "msg": f"the JSON has more than {_MOST_COLONS:,} keys"}
        raise RequestValidationError([fault])
