"""The routes that a supervisor asks whether to restart the server, and whether to send it requests."""

from fastapi import APIRouter, Request

from app.api.errors import STOPPING, document_errors
from app.api.loaded import NotReadyError, get_loaded
from app.api.schemas import HealthAnswer, ReadyAnswer

router = APIRouter(prefix="/health", tags=["Health"])


@router.head("/live", include_in_schema=False)  # what many monitors ask
@router.get("/live", summary="Is the server running?")
async def is_live() -> HealthAnswer:
    """Answer as long as the server runs."""
    return HealthAnswer(status="live")


@router.head("/ready", include_in_schema=False)
@router.get("/ready", summary="Is the model loaded?", responses=document_errors(503))
async def is_ready(request: Request) -> ReadyAnswer:
    """Answer 200 once the model has answered its self-test; 503 before, and while the server stops."""
    loaded = get_loaded(request)
    if request.app.state.stopping:
        raise NotReadyError(STOPPING)
    return ReadyAnswer(status="ready", source=loaded.origin.source, reason=loaded.origin.reason)
