"""The route that explains a digit."""

from functools import partial
from time import perf_counter
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from app.api.bodies import FILE, JSON_TYPE, describe_body, receive_body
from app.api.errors import document_errors
from app.api.requests import (
    MAX_INDEX,
    ExpectQuery,
    ExplainRequest,
    parse_picture,
)
from app.api.responses import ExplainResponse, describe_explanation
from app.recognition.explanation.heat_map import draw_heat_map
from app.recognition.image.formats import MEDIA_TYPES
from app.service import ReadingService

_PNG = "image/png"
_VARY = {"Vary": "Accept"}

IndexQuery = Annotated[
    int | None, Query(ge=0, le=MAX_INDEX, description="For a picture as the body; JSON has its own `index`.")
]
FormatQuery = Annotated[
    Literal["json", "png"] | None,
    Query(description="Of the response; by default the one that the header `Accept` prefers, else JSON."),
]

router = APIRouter(prefix="/api", tags=["Reading"])


@router.post(
    "/explain",
    summary="Explain a digit",
    response_model=ExplainResponse,
    responses=document_errors(400, 401, 408, 413, 415, 422, 429, 503)
    | {200: {"content": {_PNG: {"schema": {"type": "string", "format": "binary"}}}}},
    openapi_extra=describe_body(ExplainRequest.model_json_schema(), binary_types=MEDIA_TYPES, files=FILE),
)
async def explain(
    request: Request,
    response: Response,
    expect: ExpectQuery = None,
    index: IndexQuery = None,
    format: FormatQuery = None,
) -> ExplainResponse | Response:
    """Explain why one digit of a picture was read as it was. The picture is sent as to /api/predict.

    The PNG shows the normalised image: orange ink supports the digit, blue ink contradicts it.
    """
    service: ReadingService = request.app.state.service
    body, content_type = await receive_body(request)
    start = perf_counter()
    parse = partial(
        parse_picture,
        body,
        content_type,
        max_pixels=service.max_pixels,
        schema=ExplainRequest,
        expect=expect,
        index=index,
    )
    result = await service.explain(parse)
    explanation = result.value
    accept = request.headers.get("accept", "")
    if format == "png" or (format is None and _rate(accept, _PNG) > _rate(accept, JSON_TYPE)):
        heat_map = draw_heat_map(explanation.digit.normalised, explanation.heat)
        return Response(heat_map, media_type=_PNG, headers=_VARY)
    response.headers.update(_VARY)
    elapsed_ms = 1000 * (perf_counter() - start)
    return describe_explanation(explanation, model=result.model, elapsed_ms=elapsed_ms)


def _rate(accept: str, media_type: str) -> tuple[float, int]:
    """Return how much an Accept header prefers a media type (RFC 9110, 12.5.1).

    The numbers are the quality, 0..1, and the precision, 0..2, of the most precise range with the media type.
    """
    precisions = {"*/*": 0, f"{media_type.partition('/')[0]}/*": 1, media_type: 2}
    best = (-1, 0.0)
    for item in accept.lower().split(","):
        media_range, *parameters = (part.strip() for part in item.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        if media_range in precisions:
            weight = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
            best = max(best, (precisions[media_range], weight))
    return best[1], best[0] if best[1] else 0
