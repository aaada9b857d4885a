"""The route that tells why a digit was read as it was."""

from time import perf_counter
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from app.api.answers import answer_explanation, identify
from app.api.errors import document_errors
from app.api.loaded import Loaded, get_loaded
from app.api.schemas import MAX_INDEX, ExpectQuery, ExplainAnswer, ExplainRequest
from app.api.uploads import JSON_TYPE, PICTURE_TYPES, Upload, describe_body, parse_upload
from app.api.work import SMALL_BODY, run
from app.recognition.explanation.explanation import Explanation
from app.recognition.explanation.heat_map import draw_heat_map
from app.recognition.reading import Expect

_PNG = "image/png"

IndexQuery = Annotated[
    int | None,
    Query(ge=0, le=MAX_INDEX, description="For a picture as the body; JSON has its own `index`."),
]
FormatQuery = Annotated[
    Literal["json", "png"] | None,
    Query(description="Of the answer; without it, what the header `Accept` prefers, else JSON."),
]

router = APIRouter(prefix="/api", tags=["Reading"])


@router.post(
    "/explain",
    summary="Tell why a digit was read as it was",
    response_model=ExplainAnswer,
    responses=document_errors(400, 401, 408, 413, 415, 422, 429, 503)
    | {200: {"content": {_PNG: {"schema": {"type": "string", "format": "binary"}}}}},
    openapi_extra=describe_body(ExplainRequest.model_json_schema(), picture_types=PICTURE_TYPES),
)
async def explain(
    request: Request,
    response: Response,
    expect: ExpectQuery = None,
    index: IndexQuery = None,
    format: FormatQuery = None,
) -> ExplainAnswer | Response:
    """Explain one digit of a picture, sent as to /api/predict.

    As a PNG, what was seen in colours: orange ink speaks for the answer, blue ink against it.
    """
    loaded, body = get_loaded(request), await request.body()
    content_type = request.headers.get("content-type", "")
    start = perf_counter()
    upload = await run(
        lambda: parse_upload(body, content_type, max_pixels=loaded.max_pixels, schema=ExplainRequest),
        loaded,
        small=len(body) <= SMALL_BODY,
    )
    explanation = await run(
        lambda: _explain(upload, loaded, expect=expect, index=index),
        loaded,
        small=False,  # it reads some fifty times
    )
    vary = {"Vary": "Accept"}
    if (format or _preferred_format(request.headers.get("accept", ""))) == "png":
        return Response(
            draw_heat_map(explanation.digit.seen, explanation.heat), media_type=_PNG, headers=vary
        )
    response.headers.update(vary)
    elapsed_ms = 1000 * (perf_counter() - start)
    return answer_explanation(explanation, model=identify(loaded), elapsed_ms=elapsed_ms)


def _explain(upload: Upload, loaded: Loaded, *, expect: Expect | None, index: int | None) -> Explanation:
    place = index if upload.index is None else upload.index
    return loaded.recognizer.explain(
        upload.decode(), expect=upload.expect or expect or "auto", index=place or 0
    )


def _preferred_format(accept: str) -> Literal["json", "png"]:
    """Return which of the two an Accept header weighs more; JSON when it does not say."""
    weights = {JSON_TYPE: 0.0, _PNG: 0.0}
    for item in accept.split(","):
        kind, _, parameters = item.partition(";")
        kind = kind.strip().lower()
        if kind in weights:
            weights[kind] = _weight(parameters)
    return "png" if weights[_PNG] > weights[JSON_TYPE] else "json"


def _weight(parameters: str) -> float:
    """Return the q of an item of an Accept header, 1 without one."""
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    return float(value) if value.strip().replace(".", "", 1).isdecimal() else 0.0
