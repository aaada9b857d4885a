"""The routes of the Open Inference Protocol, version 2 (KServe, Triton)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.exceptions import HTTPException

from app.api.bodies import describe_body, receive_body
from app.api.inference.errors import ERRORS, PREFIX, InferenceRoute
from app.api.inference.requests import Inference, parse_inference
from app.api.inference.responses import BINARY_TYPE, JSON_LENGTH, describe_model, find_version, make_response
from app.api.inference.schemas import (
    MAX_SMALL_BYTES,
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
from app.service import PictureInput, ReadingService

_EXTENSIONS = ["binary_tensor_data"]

router = APIRouter(
    prefix=PREFIX, tags=["Open Inference Protocol"], route_class=InferenceRoute, responses=ERRORS
)


async def check_version(
    request: Request, version: Annotated[str, Path(description="One of those in the model's metadata.")]
) -> None:
    """Raise 404 for any version but the loaded one."""
    service: ReadingService = request.app.state.service
    loaded = service.current.loaded
    if loaded and version != find_version(loaded):
        raise HTTPException(404, f"that version is not loaded; {find_version(loaded)} is")


@router.get("/", include_in_schema=False)
@router.get("", summary="Describe the server")
async def get_server(request: Request) -> ServerMetadata:
    """Return name, version and extensions of the server."""
    app = request.app
    return ServerMetadata(name=app.title, version=app.version, extensions=_EXTENSIONS)


@router.get("/health/live", summary="Is the server running?")
async def is_live() -> ServerLive:
    """Return 200 as long as the server runs."""
    return ServerLive(live=True)


@router.get("/health/ready", summary="Is the server ready?", responses={400: {"model": ServerReady}})
async def is_ready(request: Request, response: Response) -> ServerReady:
    """Return 200 when the model is loaded; 400, as specified, before and while the server stops."""
    ready = _check_ready(request, response)
    return ServerReady(live=ready, ready=ready)


async def get_model(request: Request) -> ModelMetadata:
    """Return name, version and tensors of the model. Images may also be FP32, 0 paper to 1 ink."""
    service: ReadingService = request.app.state.service
    return describe_model(service.model)


async def is_model_ready(request: Request, response: Response) -> ModelReady:
    """Return 200 when the model is loaded; 400, as specified, before and while the server stops."""
    return ModelReady(ready=_check_ready(request, response))


async def infer(request: Request) -> Response:
    """Read images of ink, one digit each; ink and paper are given, so no colours are guessed.

    An image without ink gives `digit` -1, and 0 or false in all other outputs. Tensors may follow the JSON as
    bytes; the header `Inference-Header-Content-Length` gives the length of the JSON.
    """
    service: ReadingService = request.app.state.service
    _ = service.model  # raises NotReadyError before the body is received
    body, _content_type = await receive_body(request)
    json_length = request.headers.get(JSON_LENGTH)
    parsed: list[Inference] = []  # in the worker thread, with the pictures

    def parse() -> Sequence[PictureInput]:
        parsed.append(parse_inference(body, json_length=json_length, max_pixels=service.max_pixels))
        return parsed[0].pictures

    result = await service.read_batch(parse, small=len(body) <= MAX_SMALL_BYTES)
    return make_response(parsed[0], result.value, model=result.model)


# Not routers with a prefix: the metrics name a route by its own path.
for _path, _dependencies in (
    (f"/models/{MODEL}", []),
    (f"/models/{MODEL}/versions/{{version}}", [Depends(check_version)]),
):
    router.add_api_route(_path, get_model, summary="Describe the model", dependencies=_dependencies)
    router.add_api_route(
        f"{_path}/ready",
        is_model_ready,
        summary="Is the model ready?",
        responses={400: {"model": ModelReady}},
        dependencies=_dependencies,
    )
    router.add_api_route(
        f"{_path}/infer",
        infer,
        methods=["POST"],
        summary="Read images of one digit each",
        response_model=InferResponse,
        responses={200: {"content": {BINARY_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
        openapi_extra=describe_body(inline_schema(InferRequest), binary_types=(BINARY_TYPE,)),
        dependencies=_dependencies,
    )


def _check_ready(request: Request, response: Response) -> bool:
    """Return whether the model is loaded; if not, set the status to 400."""
    state = request.app.state
    ready = state.service.current.loaded is not None and not state.stopping
    response.status_code = 200 if ready else 400
    return ready
