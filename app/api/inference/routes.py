"""The routes of the protocol."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Path, Request, Response
from numpy.typing import NDArray
from starlette.exceptions import HTTPException

from app.api.inference.answers import (
    BINARY_TYPE,
    JSON_LENGTH,
    answer_question,
    describe_model,
    find_version,
)
from app.api.inference.errors import ERRORS, PREFIX, InferenceRoute
from app.api.inference.questions import Question, parse_question
from app.api.inference.schemas import (
    MODEL,
    InferRequest,
    InferResponse,
    ModelMetadata,
    ModelReady,
    ServerLive,
    ServerMetadata,
    ServerReady,
    inline_schema,
)
from app.api.inference.tensors import NO_DIGIT, draw
from app.api.loaded import Loaded, get_loaded
from app.api.uploads import describe_body
from app.api.work import SMALL_BODY, run
from app.recognition.reading import Digit

_FEW = 4  # images that are read about as fast as they are handed to a thread
_EXTENSIONS = ["binary_tensor_data"]

router = APIRouter(
    prefix=PREFIX, tags=["Open Inference Protocol"], route_class=InferenceRoute, responses=ERRORS
)
_model = APIRouter(route_class=InferenceRoute)


async def check_version(
    request: Request, version: Annotated[str, Path(description="One of those in the model's metadata.")]
) -> None:
    """Refuse any version but the one that is loaded."""
    loaded = request.app.state.loaded
    if loaded and version != find_version(loaded):
        raise HTTPException(404, f"that version is not loaded; {find_version(loaded)} is")


@router.get("/", include_in_schema=False)
@router.get("", summary="Tell what the server is")
async def get_server(request: Request) -> ServerMetadata:
    """Tell name, version and extensions of the server."""
    app = request.app
    return ServerMetadata(name=app.title, version=app.version, extensions=_EXTENSIONS)


@router.get("/health/live", summary="Is the server running?")
async def is_live() -> ServerLive:
    """Answer as long as the server runs."""
    return ServerLive(live=True)


@router.get("/health/ready", summary="Is the server ready?", responses={400: {"model": ServerReady}})
async def is_ready(request: Request, response: Response) -> ServerReady:
    """Answer 200 while images are read; 400, as the specification has it, before and while it stops."""
    ready = _check_ready(request, response)
    return ServerReady(live=ready, ready=ready)


@_model.get("", summary="Tell what the model takes and gives")
async def get_model(request: Request) -> ModelMetadata:
    """Tell name, version and tensors of the model. Images may also be FP32, 0 paper to 1 ink."""
    return describe_model(get_loaded(request))


@_model.get("/ready", summary="Is the model ready?", responses={400: {"model": ModelReady}})
async def is_model_ready(request: Request, response: Response) -> ModelReady:
    """Answer 200 while images are read; 400, as the specification has it, before and while it stops."""
    return ModelReady(ready=_check_ready(request, response))


@_model.post(
    "/infer",
    summary="Read images of one digit each",
    response_model=InferResponse,
    responses={200: {"content": {BINARY_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
    openapi_extra=describe_body(inline_schema(InferRequest), picture_types=(BINARY_TYPE,)),
)
async def infer(request: Request) -> Response:
    """Read images, each as one digit, from ink alone: what is pen and what is paper is not guessed.

    An image without ink gives `digit` -1, and 0 or false in all else. Tensors may be bytes behind the JSON;
    the header `Inference-Header-Content-Length` says how long the JSON is.
    """
    loaded = get_loaded(request)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "send the body without a Content-Encoding")
    body = await request.body()
    json_length = request.headers.get(JSON_LENGTH)
    question = await run(
        lambda: parse_question(body, json_length=json_length, max_pixels=loaded.max_pixels),
        loaded,
        small=len(body) <= SMALL_BODY,
    )
    return await run(lambda: _answer(question, loaded), loaded, small=len(question.images) <= _FEW)


router.include_router(_model, prefix=f"/models/{MODEL}")
router.include_router(
    _model,
    prefix=f"/models/{MODEL}/versions/{{version}}",
    dependencies=[Depends(check_version)],
)


def _check_ready(request: Request, response: Response) -> bool:
    """Say whether images are read; while they are not, the status is 400."""
    state = request.app.state
    ready = state.loaded is not None and not state.stopping
    response.status_code = 200 if ready else 400
    return ready


def _answer(question: Question, loaded: Loaded) -> Response:
    return answer_question(
        question, [_read(image, loaded) for image in question.images], version=find_version(loaded)
    )


def _read(image: NDArray[np.uint8], loaded: Loaded) -> Digit:
    return next(iter(loaded.read(draw(image), expect="digit").digits), NO_DIGIT)
