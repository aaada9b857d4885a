"""The route that tells which model is loaded."""

from fastapi import APIRouter, Request

from app.api.answers import describe
from app.api.errors import document_errors
from app.api.loaded import get_loaded
from app.api.schemas import ModelAnswer

router = APIRouter(prefix="/api", tags=["Model"])


@router.get("/model", summary="Tell which model is loaded", responses=document_errors(401, 429, 503))
async def get_model(request: Request) -> ModelAnswer:
    """Tell where the model comes from, what it takes, and how well it did when it was made."""
    return describe(get_loaded(request))
