"""Create the application: reading service, JSON API and page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app.api import explain, metrics, predict, status, unknown
from app.api.errors import add_error_handlers
from app.api.inference import routes as inference
from app.api.inference import tensorflow_serving
from app.api.metrics import Counters
from app.api.middleware import add_middleware
from app.model.loading import LoadedModel, find_model, load_model
from app.model.refreshing import refresh_model
from app.model.release import BUNDLED_RELEASE
from app.service import ReadingService
from app.settings import Settings, load_settings

_DESCRIPTION = "Reads handwritten digits, and detects ink that is not a digit."


def create_app(
    settings: Settings | None = None,
    *,
    release_folder: Path = BUNDLED_RELEASE,
    model: LoadedModel | None = None,
) -> FastAPI:
    """Create the application. Its lifespan loads the model.

    Args:
        settings: read from the environment by default.
        release_folder: the bundled release.
        model: the model to serve; by default the one in the settings is loaded.

    Raises:
        SettingsError: a variable of the environment has an invalid value.
    """
    settings = settings or load_settings()
    counters = Counters()
    service = ReadingService(max_pixels=settings.max_pixels, on_reading=counters.count_reading)
    # FastAPI's own documentation page loads its scripts from a CDN; this one serves them itself.
    app = FastAPIOffline(
        title="Handwritten digits",
        description=_DESCRIPTION,
        version=_find_version(),
        lifespan=partial(_run_service, settings=settings, release_folder=release_folder, model=model),
        redoc_url=None,
    )
    app.state.service = service
    app.state.registry = counters.make_registry()
    app.state.registry.register(metrics.ModelCollector(app))
    add_error_handlers(app)
    add_middleware(app, settings, counters)
    for module in (predict, explain, status, inference, tensorflow_serving, metrics, unknown):
        app.include_router(module.router)
    if settings.ui:
        from app.ui import mount_page  # Gradio takes seconds and 100 MB to import

        mount_page(app, service)
    return app


@asynccontextmanager
async def _run_service(
    app: FastAPI, *, settings: Settings, release_folder: Path, model: LoadedModel | None
) -> AsyncGenerator[None]:
    """Load the model, refresh it as the settings require, and unload it at the end."""
    current = app.state.service.current
    current.loaded = model or await load_model(settings, bundled=release_folder)
    refresh = None
    if (named := find_model(settings)) and settings.model_refresh_seconds:
        refresh = asyncio.create_task(refresh_model(current, named, seconds=settings.model_refresh_seconds))
    yield
    if refresh:
        refresh.cancel()
    current.loaded = None


def _find_version() -> str:
    try:
        return version("handwritten-digits")
    except PackageNotFoundError:  # run from a folder, not installed
        return "unknown"
