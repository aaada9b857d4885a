"""The routes that read pictures."""

from functools import partial
from time import perf_counter

from fastapi import APIRouter, Request, Response

from app.api.bodies import FILE, FILES, JSON_TYPE, describe_body, receive_body
from app.api.errors import document_errors
from app.api.requests import (
    BatchRequest,
    EmbeddingsQuery,
    ExpectQuery,
    PredictRequest,
    parse_batch,
    parse_picture,
)
from app.api.responses import BatchResponse, PredictResponse, ReadingResponse, identify
from app.recognition.image.formats import MEDIA_TYPES
from app.service import ReadingService

router = APIRouter(prefix="/api", tags=["Reading"])


@router.post(
    "/predict",
    summary="Read a picture",
    response_model=PredictResponse,
    responses=document_errors(400, 401, 408, 413, 415, 422, 429, 503),
    openapi_extra=describe_body(PredictRequest.model_json_schema(), binary_types=MEDIA_TYPES, files=FILE),
)
async def predict(
    request: Request, expect: ExpectQuery = None, *, embeddings: EmbeddingsQuery = False
) -> Response:
    """Read the digits of one picture: in JSON, as the file of a form, or as the body itself.

    JSON may have `examples`, up to 200 digits of the same writer whose values are known: ink that resembles
    one is read accordingly.
    """
    service: ReadingService = request.app.state.service
    body, content_type = await receive_body(request)
    start = perf_counter()
    parse = partial(parse_picture, body, content_type, max_pixels=service.max_pixels, expect=expect)
    result = await service.read(parse, size=len(body))
    elapsed_ms = 1000 * (perf_counter() - start)
    fields = result.value.to_json(embeddings=embeddings)
    response = PredictResponse(**fields, model=identify(result.model), elapsed_ms=elapsed_ms)
    # FastAPI would validate the response again, which takes 3 % of a request.
    return Response(response.model_dump_json(), media_type=JSON_TYPE)


@router.post(
    "/predict/batch",
    summary="Read several pictures",
    responses=document_errors(400, 401, 408, 413, 415, 422, 429, 503),
    openapi_extra=describe_body(BatchRequest.model_json_schema(), files=FILES),
)
async def predict_batch(request: Request, expect: ExpectQuery = None) -> BatchResponse:
    """Read several pictures, together of at most as many pixels as one; a bad one refuses them all.

    They are sent in JSON, or as files of a form.
    """
    service: ReadingService = request.app.state.service
    body, content_type = await receive_body(request)
    start = perf_counter()
    result = await service.read_batch(partial(parse_batch, body, content_type, expect=expect))
    return BatchResponse(
        readings=tuple(ReadingResponse(**reading.to_json()) for reading in result.value),
        model=identify(result.model),
        elapsed_ms=1000 * (perf_counter() - start),
    )
