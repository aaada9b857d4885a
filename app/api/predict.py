"""The routes that read pictures."""

from collections.abc import Callable
from time import perf_counter
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Query, Request

from app.api.answers import answer_digits, answer_reading, identify
from app.api.errors import document_errors
from app.api.loaded import Loaded, WithLoaded
from app.api.schemas import BatchAnswer, BatchRequest, PredictAnswer, PredictRequest
from app.api.uploads import JSON_TYPE, PICTURE_TYPES, Upload, parse_batch, parse_upload
from app.recognition.reading import Expect, Reading

# Up to these sizes the work takes about as long as handing it to a thread does, so it is done at once; more
# would keep other visitors waiting.
_SMALL_BODY = 64 * 2**10  # bytes
_SMALL_PICTURE = 640 * 480  # pixels

Result = TypeVar("Result")
ExpectQuery = Annotated[
    Expect | None, Query(description="For a picture as the body; JSON has its own `expect`.")
]

router = APIRouter(prefix="/api", tags=["Reading"])


def _describe_body(schema: dict[str, Any], *, picture_types: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the OpenAPI description of a body that the route itself parses."""
    content = {JSON_TYPE: {"schema": schema}}
    content |= {kind: {"schema": {"type": "string", "format": "binary"}} for kind in picture_types}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/predict",
    summary="Read a picture",
    responses=document_errors(400, 413, 415, 422, 503),
    openapi_extra=_describe_body(PredictRequest.model_json_schema(), picture_types=PICTURE_TYPES),
)
async def predict(request: Request, loaded: WithLoaded, expect: ExpectQuery = None) -> PredictAnswer:
    """Read the digits of one picture: as JSON with `image` or `pixels`, or as a PNG, JPEG or WebP body."""
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    start = perf_counter()
    upload = await _run(
        lambda: parse_upload(body, content_type, max_pixels=loaded.max_pixels),
        loaded,
        small=len(body) <= _SMALL_BODY,
    )
    reading = await _run(
        lambda: _read(upload, loaded, expect=upload.expect or expect),
        loaded,
        small=upload.pixels <= _SMALL_PICTURE,
    )
    return PredictAnswer(
        text=reading.text,
        digits=answer_digits(reading),
        model=identify(loaded),
        elapsed_ms=1000 * (perf_counter() - start),
    )


@router.post(
    "/predict/batch",
    summary="Read several pictures",
    responses=document_errors(400, 413, 415, 422, 503),
    openapi_extra=_describe_body(BatchRequest.model_json_schema()),
)
async def predict_batch(request: Request, loaded: WithLoaded) -> BatchAnswer:
    """Read several pictures. Together they may have as many pixels as one; a bad one refuses them all."""
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    start = perf_counter()
    readings = await _run(lambda: _read_batch(body, content_type, loaded), loaded, small=False)
    return BatchAnswer(
        readings=tuple(answer_reading(reading) for reading in readings),
        model=identify(loaded),
        elapsed_ms=1000 * (perf_counter() - start),
    )


def _read(upload: Upload, loaded: Loaded, *, expect: Expect | None) -> Reading:
    return loaded.recognizer.read(upload.decode(), expect=expect or "auto")


def _read_batch(body: bytes, content_type: str, loaded: Loaded) -> list[Reading]:
    uploads = parse_batch(body, content_type, max_pixels=loaded.max_pixels)
    return [_read(upload, loaded, expect=upload.expect) for upload in uploads]


async def _run(work: Callable[[], Result], loaded: Loaded, *, small: bool) -> Result:
    return work() if small else await to_thread.run_sync(work, limiter=loaded.large_at_once)
