"""The routes that read pictures."""

from time import perf_counter

from fastapi import APIRouter, Request

from app.api.answers import answer_digits, answer_reading, identify
from app.api.errors import document_errors
from app.api.loaded import Loaded, get_loaded
from app.api.schemas import BatchAnswer, BatchRequest, ExpectQuery, PredictAnswer, PredictRequest
from app.api.uploads import PICTURE_TYPES, Upload, describe_body, parse_batch, parse_upload
from app.api.work import SMALL_BODY, SMALL_PICTURE, run
from app.recognition.reading import Expect, Reading

router = APIRouter(prefix="/api", tags=["Reading"])


@router.post(
    "/predict",
    summary="Read a picture",
    responses=document_errors(400, 401, 408, 413, 415, 422, 429, 503),
    openapi_extra=describe_body(PredictRequest.model_json_schema(), picture_types=PICTURE_TYPES),
)
async def predict(request: Request, expect: ExpectQuery = None) -> PredictAnswer:
    """Read the digits of one picture: as JSON with `image` or `pixels`, or as a PNG, JPEG or WebP body."""
    loaded, body = get_loaded(request), await request.body()
    content_type = request.headers.get("content-type", "")
    start = perf_counter()
    upload = await run(
        lambda: parse_upload(body, content_type, max_pixels=loaded.max_pixels),
        loaded,
        small=len(body) <= SMALL_BODY,
    )
    reading = await run(
        lambda: _read(upload, loaded, expect=upload.expect or expect),
        loaded,
        small=upload.pixels <= SMALL_PICTURE,
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
    responses=document_errors(400, 401, 408, 413, 415, 422, 429, 503),
    openapi_extra=describe_body(BatchRequest.model_json_schema()),
)
async def predict_batch(request: Request) -> BatchAnswer:
    """Read several pictures. Together they may have as many pixels as one; a bad one refuses them all."""
    loaded, body = get_loaded(request), await request.body()
    start = perf_counter()
    readings = await run(lambda: _read_batch(request, body, loaded=loaded), loaded, small=False)
    return BatchAnswer(
        readings=tuple(answer_reading(reading) for reading in readings),
        model=identify(loaded),
        elapsed_ms=1000 * (perf_counter() - start),
    )


def _read(upload: Upload, loaded: Loaded, *, expect: Expect | None) -> Reading:
    return loaded.read(upload.decode(), expect=expect or "auto")


def _read_batch(request: Request, body: bytes, *, loaded: Loaded) -> list[Reading]:
    """Read the pictures of a batch.

    Raises:
        NotReadyError: the server has stopped meanwhile. It would wait for a thread that nobody waits for.
    """
    content_type = request.headers.get("content-type", "")
    readings = []
    for upload in parse_batch(body, content_type, max_pixels=loaded.max_pixels):
        get_loaded(request)
        readings.append(_read(upload, loaded, expect=upload.expect))
    return readings
