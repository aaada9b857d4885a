"""The routes that take corrections, and delete them. They exist only where corrections are configured."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.api.bodies import describe_body, receive_body
from app.api.errors import document_errors
from app.api.middleware.access import identify_client
from app.api.requests import Base64Picture, parse_json
from app.corrections.giving import GIVER, MAX_POINTS, MAX_TEXT, Corrections, Given, Source
from app.recognition.image.picture import decode_base64

_LARGEST = 1e5  # coordinate of a stroke
_Coordinate = Annotated[float, Field(ge=-_LARGEST, le=_LARGEST)]
_GiverPath = Annotated[str, Path(pattern=f"^{GIVER.pattern}$", description="As returned for a correction.")]

router = APIRouter(prefix="/api/corrections", tags=["Corrections"])


class CorrectionRequest(BaseModel):
    """A picture that was misread, and what is right."""

    model_config = ConfigDict(extra="forbid")

    image: Base64Picture
    text: str = Field(
        max_length=MAX_TEXT,
        description="What is right: digits of the model, perhaps with marks; empty if it is no digit.",
        examples=["7"],
    )
    consent: Literal[True] = Field(
        description="The writer agrees that the picture may be published under CC0 and used for training."
    )
    id: str | None = Field(
        None,
        pattern=f"^{GIVER.pattern}$",
        description="Of an earlier correction by the same writer; without it there is a new one.",
        examples=[None],
    )
    strokes: list[list[tuple[_Coordinate, _Coordinate]]] = Field(
        [], description="Of the drawing: per stroke its points [x, y], y down, in any unit.", examples=[[]]
    )

    @field_validator("strokes")
    @classmethod
    def _check_points(cls, strokes: list[list[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
        if sum(map(len, strokes)) > MAX_POINTS or not all(strokes):
            raise ValueError(f"every stroke needs a point, and all have at most {MAX_POINTS:,}")
        return strokes


class CorrectionResponse(BaseModel):
    """The correction is stored."""

    id: str = Field(description="Secret id; anyone with it can delete the writer's corrections.")


def make_given(correction: CorrectionRequest, *, source: Source) -> Given:
    """Return the correction of a request.

    Raises:
        PictureError: the image is not base64.
    """
    image = decode_base64(correction.image)
    return Given(image, correction.text, giver=correction.id, strokes=correction.strokes, source=source)


@router.post(
    "",
    summary="Give a correction, with consent",
    status_code=202,
    responses=document_errors(400, 401, 408, 413, 415, 422, 429, 503),
    openapi_extra=describe_body(CorrectionRequest.model_json_schema()),
)
async def give_correction(request: Request) -> CorrectionResponse:
    """Store a picture that was misread, and what is right, for training.

    All corrections of one writer share an id, which is returned. Nothing else about the client is stored.
    """
    corrections: Corrections = request.app.state.corrections
    body, _ = await receive_body(request)
    # In a thread: parsing a large body takes a fifth of a second.
    given = await run_in_threadpool(lambda: make_given(parse_json(body, CorrectionRequest), source="api"))
    return CorrectionResponse(id=await corrections.give(given, client=identify_client(request.scope)))


@router.delete(
    "/{id}",
    summary="Take back all corrections of a writer",
    status_code=204,
    responses=document_errors(401, 422, 429, 503),
)
async def take_back(request: Request, id: _GiverPath) -> None:
    """Delete all corrections that were given with this id; there may be none."""
    corrections: Corrections = request.app.state.corrections
    await corrections.take_back(id, client=identify_client(request.scope))
