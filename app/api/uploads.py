"""From the body of a request to the picture it holds, in each of the forms that are accepted."""

import base64
from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.api.errors import UndecodableError, UnsupportedTypeError
from app.api.schemas import BatchRequest, PredictRequest
from app.recognition.picture import (
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


@dataclass(frozen=True)
class Upload:
    """A picture whose size is known, and which may still have to be decoded."""

    source: Picture | Image.Image
    expect: Expect | None = None
    place: int | None = None  # in a batch

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


def parse_upload(body: bytes, content_type: str, *, max_pixels: int) -> Upload:
    """Find the picture in a body of JSON or of an encoded picture.

    Raises:
        UnsupportedTypeError: the content type is neither.
        pydantic.ValidationError: the JSON has another shape.
        UndecodableError, PictureError: it holds no picture.
        TooManyPixelsError: it holds a picture that is too large.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in PICTURE_TYPES:
        return Upload(open_picture(body, max_pixels=max_pixels))
    _check_json(content_type)
    request = PredictRequest.model_validate_json(body)
    if request.pixels is not None:
        check_size(len(request.pixels) * len(request.pixels[0]), max_pixels=max_pixels)
        return Upload(picture_of_pixels(np.array(request.pixels, np.uint8)), request.expect)
    return Upload(_open_base64(request.image or "", max_pixels=max_pixels), request.expect)


def parse_batch(body: bytes, content_type: str, *, max_pixels: int) -> list[Upload]:
    """Find the pictures in a body of JSON. Together they may have `max_pixels`.

    Raises: as `parse_upload` does; the message gives the picture's place.
    """
    _check_json(content_type)
    request = BatchRequest.model_validate_json(body)
    uploads = []
    for place, text in enumerate(request.images):
        try:
            image = _open_base64(text, max_pixels=max_pixels)
        except (UndecodableError, PictureError) as error:
            raise type(error)(f"images.{place}: {error}") from error
        uploads.append(Upload(image, request.expect, place=place))
    check_size(sum(upload.pixels for upload in uploads), max_pixels=max_pixels)
    return uploads


def _open_base64(text: str, *, max_pixels: int) -> Image.Image:
    return open_picture(_decode_base64(text), max_pixels=max_pixels)


def _check_json(content_type: str) -> None:
    """Raise UnsupportedTypeError for a content type that is not JSON."""
    if content_type.partition(";")[0].strip().lower() != JSON_TYPE:
        accepted = ", ".join((JSON_TYPE, *PICTURE_TYPES))
        given = repr(content_type) if content_type else "missing"
        raise UnsupportedTypeError(f"the Content-Type is {given}; send {accepted}")


def _decode_base64(text: str) -> bytes:
    """Decode base64, plain or as a data: URL; line breaks and blanks are ignored.

    Raises:
        UndecodableError: it is neither.
    """
    text = text.lstrip()
    if text[:5].lower() == "data:":
        head, _, text = text.partition(",")
        if not head.lower().endswith(";base64"):
            raise UndecodableError("the data: URL is not in base64")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise UndecodableError("the image is not valid base64") from error
