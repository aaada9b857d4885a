"""The REST API of TensorFlow Serving, version 1, for its clients: status and predict.

https://www.tensorflow.org/tfx/serving/api_rest
"""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from app.api.arrays import ArrayError, as_grey, describe_array, parse_array
from app.api.bodies import describe_body, receive_body
from app.api.inference.errors import ERRORS, InferenceRoute, RequestError
from app.api.inference.requests import parse_json
from app.api.inference.responses import find_version
from app.api.inference.schemas import MAX_SMALL_BYTES, MODEL, SIDE
from app.api.requests import MAX_IMAGES
from app.recognition.image.picture import picture_of_pixels
from app.service import PictureInput, ReadingService

_PATH = f"/v1/models/{MODEL}"
_SHAPES = "(28, 28), (28, 28, 1) or (784,)"
_IMAGE = {"anyOf": [describe_array(SIDE, SIDE), describe_array(SIDE, SIDE, 1), describe_array(SIDE * SIDE)]}
_Images = Annotated[list[Annotated[Any, WithJsonSchema(_IMAGE)]], Field(min_length=1, max_length=MAX_IMAGES)]

router = APIRouter(tags=["TensorFlow Serving"], route_class=InferenceRoute, responses=ERRORS)


class TensorFlowRequest(BaseModel):
    """Images of one digit each, (28, 28), (28, 28, 1) or flat, from 0 to 1 or from 0 to 255."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"instances": [[[0.0] * SIDE] * SIDE]}]})

    signature_name: Literal["serving_default"] = "serving_default"
    instances: _Images


class TensorFlowResponse(BaseModel):
    """The probabilities of the digits, 0 to 9 in most models, for each image; all 0 for one without ink."""

    predictions: list[list[float]]


@router.get(_PATH, summary="Is the model ready?")
async def get_status(request: Request) -> dict[str, Any]:
    """Return whether the model is loaded, with its version."""
    service: ReadingService = request.app.state.service
    status = {"error_code": "OK", "error_message": ""}
    version = {"version": find_version(service.model), "state": "AVAILABLE", "status": status}
    return {"model_version_status": [version]}


@router.post(
    f"{_PATH}:predict",
    summary="Read images of one digit each",
    openapi_extra=describe_body(TensorFlowRequest.model_json_schema()),
)
async def predict(request: Request) -> TensorFlowResponse:
    """Read images of one digit each, dark on light or light on dark."""
    service: ReadingService = request.app.state.service
    _ = service.model  # raises NotReadyError before the body is received
    body, _content_type = await receive_body(request)
    parse = partial(_parse, body, max_pixels=service.max_pixels)
    result = await service.read_batch(parse, small=len(body) <= MAX_SMALL_BYTES)
    no_digit = (0.0,) * len(result.model.release.labels)
    return TensorFlowResponse(
        predictions=[list(each.digits[0].probabilities if each.digits else no_digit) for each in result.value]
    )


def _parse(body: bytes, *, max_pixels: int) -> Sequence[PictureInput]:
    instances = parse_json(body, TensorFlowRequest).instances
    try:
        values = parse_array(instances, name="instances")
        if values[0].shape not in ((SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE,)):
            raise ArrayError(f"instances: the shape of one is {values[0].shape}, not {_SHAPES}")
        if values.size > max_pixels:
            raise ArrayError(f"instances: at most {max_pixels:,} pixels are allowed")
        grey = as_grey(values, largest=1 if values.max() <= 1 else 255, name="instances")
    except ArrayError as error:
        raise RequestError(str(error)) from error
    return [PictureInput(picture_of_pixels(each), "digit") for each in grey.reshape(-1, SIDE, SIDE)]
