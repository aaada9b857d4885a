"""Create the application: reading service, JSON API and page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app.api import corrections as corrections_api
from app.api import explain, metrics, predict, status, unknown
from app.api.errors import add_error_handlers
from app.api.inference import routes as inference
from app.api.inference import tensorflow_serving
from app.api.metrics import Counters
from app.api.middleware import add_middleware
from app.corrections.giving import Corrections
from app.corrections.spool import Spool
from app.corrections.upload import upload_corrections
from app.model.hub import HubModel, find_state
from app.model.loading import LoadedModel, find_model, load_model
from app.model.refreshing import refresh_model
from app.model.release import BUNDLED_RELEASE
from app.service import ReadingService
from app.settings import Settings, SettingsError, load_settings

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
        SettingsError: a variable of the environment has an invalid value, or the folder for corrections
            can't be used.
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
    app.state.corrections = _open_corrections(settings, service, counters)
    app.state.counters = counters
    app.state.registry = counters.make_registry()
    app.state.registry.register(metrics.ModelCollector(app))
    add_error_handlers(app)
    add_middleware(app, settings, counters)
    routes = [predict, explain, status, inference, tensorflow_serving, metrics]
    if app.state.corrections:
        routes.append(corrections_api)
    for module in (*routes, unknown):
        app.include_router(module.router)
    if settings.ui:
        from app.ui import mount_page  # Gradio takes seconds and 100 MB to import

        mount_page(app, service, app.state.corrections)
    return app


@asynccontextmanager
async def _run_service(
    app: FastAPI, *, settings: Settings, release_folder: Path, model: LoadedModel | None
) -> AsyncGenerator[None]:
    """Load the model, refresh it as the settings require, and unload it at the end."""
    current = app.state.service.current
    current.loaded = model or await load_model(settings, bundled=release_folder)
    tasks = []
    if (named := find_model(settings)) and settings.model_refresh_seconds:
        seconds = settings.model_refresh_seconds
        tasks.append(asyncio.create_task(refresh_model(current, named, seconds=seconds)))
    if app.state.corrections and (data_set := _find_data_set(settings)):
        corrections, on_event = app.state.corrections, app.state.counters.count_corrections
        tasks.append(asyncio.create_task(upload_corrections(corrections, data_set, on_event=on_event)))
    yield
    for task in tasks:
        task.cancel()
    current.loaded = None


def _open_corrections(settings: Settings, service: ReadingService, counters: Counters) -> Corrections | None:
    """Return the corrections that the settings configure, or None."""
    data_set = _find_data_set(settings)
    folder = settings.corrections_dir or (find_state(data_set) / "corrections" if data_set else None)
    if folder is None:
        return None
    try:
        spool = Spool(folder, has_copy=data_set is not None)
    except OSError as error:
        raise SettingsError(
            f"The folder {folder} for corrections can't be used: {error.strerror}. "
            "Name a writable one in DIGITS_CORRECTIONS_DIR."
        ) from error
    return Corrections(service, spool, on_event=counters.count_corrections)


def _find_data_set(settings: Settings) -> HubModel | None:
    repo = settings.corrections_repo
    return HubModel(repo, settings.corrections_revision) if repo else None


def _find_version() -> str:
    try:
        return version("handwritten-digits")
    except PackageNotFoundError:  # run from a folder, not installed
        return "unknown"
