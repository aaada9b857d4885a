"""The routes for health checks and for the description of the model."""

from fastapi import APIRouter, Request

from app.api.errors import STOPPING, document_errors
from app.api.responses import HealthResponse, ModelResponse, ReadyResponse, describe_model
from app.service import NotReadyError, ReadingService

router = APIRouter()


@router.head("/health/live", include_in_schema=False)  # many monitors send HEAD
@router.get("/health/live", tags=["Health"], summary="Is the server running?")
async def is_live() -> HealthResponse:
    """Return 200 as long as the server runs."""
    return HealthResponse(status="live")


@router.head("/health/ready", include_in_schema=False)
@router.get("/health/ready", tags=["Health"], summary="Is the model loaded?", responses=document_errors(503))
async def is_ready(request: Request) -> ReadyResponse:
    """Return 200 once the model has passed its self-test; 503 before, and while the server stops."""
    service: ReadingService = request.app.state.service
    origin = service.model.origin
    if request.app.state.stopping:
        raise NotReadyError(STOPPING)
    return ReadyResponse(status="ready", source=origin.source, reason=origin.reason)


@router.get(
    "/api/model", tags=["Model"], summary="Describe the model", responses=document_errors(401, 429, 503)
)
async def get_model(request: Request) -> ModelResponse:
    """Return the origin of the model, its input, and its measured results."""
    service: ReadingService = request.app.state.service
    return describe_model(service.model, service.current)
