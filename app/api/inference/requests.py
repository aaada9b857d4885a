"""Parse an inference request: its images and its requested outputs."""

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from app.api.arrays import ArrayError, as_grey, parse_array
from app.api.errors import describe_fault
from app.api.inference.errors import RequestError
from app.api.inference.schemas import DTYPES, OUTPUTS, SIDE, InferRequest, OutputName, RequestInput
from app.api.requests import MAX_IMAGES, Schema
from app.recognition.image.picture import Picture
from app.service import PictureInput

_MAX_VALUES = MAX_IMAGES * (SIDE + 1) ** 2  # in the JSON: elements, rows, and a few others
_DATA = "inputs.0.data"
_LENGTH = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Inference:
    """A parsed request.

    Attributes:
        pictures: one digit each.
        outputs: the requested outputs, and whether each is sent as bytes after the JSON.
        id: the client's own.
    """

    pictures: list[PictureInput]
    outputs: dict[OutputName, bool]
    id: str | None


def parse_inference(body: bytes, *, json_length: str | None, max_pixels: int) -> Inference:
    """Parse a body: JSON, optionally followed by the bytes of the tensor.

    Args:
        body: of the request.
        json_length: the header with the number of bytes of JSON; None without the header.
        max_pixels: of all images together.

    Raises:
        RequestError: the request does not follow the protocol, or does not fit this model.
    """
    text, binary = _split(body, json_length)
    request = parse_json(text, InferRequest)
    [given] = request.inputs
    if given.shape[0] * SIDE * SIDE > max_pixels:
        raise RequestError(f"inputs.0.shape: at most {max_pixels:,} pixels are allowed")
    pictures = [PictureInput(_draw(image), "digit") for image in _parse_images(given, binary)]
    return Inference(pictures, _find_outputs(request), request.id)


def _split(body: bytes, json_length: str | None) -> tuple[bytes, bytes]:
    if json_length is None:
        return body, b""
    if not _LENGTH.fullmatch(json_length) or int(json_length) > len(body):
        raise RequestError(
            f"Inference-Header-Content-Length must be a number from 0 to {len(body)}, the length of the body"
        )
    end = int(json_length)
    return body[:end], body[end:]


def parse_json(text: bytes, schema: type[Schema]) -> Schema:
    """Parse the JSON of a request.

    Raises:
        RequestError: it does not have this schema, or has more values than a request needs.
    """
    # Every value but the first follows a comma or a bracket. A list of lists takes fifty times its text.
    if sum(text.count(mark) for mark in (b",", b"[", b"{")) > _MAX_VALUES:
        raise RequestError(f"the JSON has more than {_MAX_VALUES:,} values")
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise RequestError(describe_fault(first)) from error


def _parse_images(given: RequestInput, binary: bytes) -> NDArray[np.uint8]:
    size = given.parameters.binary_data_size if given.parameters else None
    if (size is None) == (given.data is None):
        raise RequestError("inputs.0: give either data or the parameter binary_data_size")
    if (size or 0) != len(binary):
        raise RequestError(f"inputs.0: binary_data_size is {size or 0}; {len(binary)} bytes follow the JSON")
    dtype = np.dtype(DTYPES[given.datatype])
    if given.data is None and len(binary) % dtype.itemsize:
        raise RequestError(f"inputs.0: {len(binary)} bytes do not hold a whole number of {given.datatype}")
    try:
        values = np.frombuffer(binary, dtype) if given.data is None else parse_array(given.data, name=_DATA)
        if values.shape not in (given.shape, (math.prod(given.shape),)):
            raise ArrayError(f"{_DATA}: the shape is {values.shape}, neither flat nor {given.shape}")
        whole = given.datatype[:2] != "FP"
        grey = as_grey(values, largest=255 if whole else 1, whole=whole, name=_DATA)
    except ArrayError as error:
        raise RequestError(str(error)) from error
    return grey.reshape(-1, SIDE, SIDE)


def _draw(ink: NDArray[np.uint8]) -> Picture:
    """Return a picture of ink, uint8 (28, 28), on transparent paper, so that its colours need no guess.

    The margin keeps most of the paper transparent: a mostly opaque picture would count as a photograph.
    """
    opacity = np.pad(ink, SIDE // 2)
    return Picture(np.zeros((*opacity.shape, 1), np.uint8), opacity)


def _find_outputs(request: InferRequest) -> dict[OutputName, bool]:
    all_binary = bool(request.parameters and request.parameters.binary_data_output)
    if not request.outputs:
        return dict.fromkeys(OUTPUTS, all_binary)
    chosen = {}
    for output in request.outputs:
        binary = output.parameters.binary_data if output.parameters else None
        chosen[output.name] = all_binary if binary is None else binary
    return chosen
