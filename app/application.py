"""Puts the parts together into one application: the model, the JSON API and the page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app.api import explain, health, metrics, model, predict, unknown
from app.api.counters import Counters
from app.api.errors import add_error_handlers
from app.api.inference import routes as inference
from app.api.loaded import Loaded
from app.api.middleware import add_gateway
from app.api.middleware.load_shedding import Admission
from app.model.hub import HubModel
from app.model.loading import ModelRequiredError, Opened, open_model
from app.model.refreshing import keep_fresh
from app.model.release import BUNDLED_RELEASE
from app.picture_reader import PictureReader
from app.settings import Settings, load_settings

_LARGE_AT_ONCE = 2  # pictures or batches; see Loaded
_PAGE_PIXELS = 3_000_000  # the page shrinks its pictures below this, so that many can be read at once
_DESCRIPTION = "Reads handwritten digits and says when something is no digit."


def create_app(
    settings: Settings | None = None,
    *,
    release_folder: Path = BUNDLED_RELEASE,
    opened: Opened | None = None,
) -> FastAPI:
    """Make the application. The model is loaded when it starts, not now.

    Args:
        settings: read from the environment when not given.
        release_folder: the release to serve.
        opened: the model to serve, where it is open already; then no other is looked for.

    Raises:
        SettingsError: no settings are given, and the environment's are wrong.
    """
    settings = settings or load_settings()
    counters = Counters()
    # FastAPI's own documentation page loads its scripts from a CDN; this one serves them itself.
    app = FastAPIOffline(
        title="Handwritten digits",
        description=_DESCRIPTION,
        version=_find_version(),
        lifespan=partial(
            _serve_model, settings=settings, counters=counters, release_folder=release_folder, opened=opened
        ),
        redoc_url=None,
    )
    app.state.loaded = None
    app.state.refusal = None
    app.state.stopping = False
    app.state.cors_origins = settings.cors_origins
    app.state.admission = Admission(most=settings.max_concurrency, counters=counters)
    app.state.registry = counters.make_registry()
    app.state.registry.register(metrics.ModelCollector(app))
    add_error_handlers(app)
    add_gateway(app, settings, counters)
    for router in (
        predict.router,
        explain.router,
        model.router,
        health.router,
        inference.router,
        metrics.router,
        unknown.router,
    ):
        app.include_router(router)
    return _mount_page(app, settings) if settings.ui else app


@asynccontextmanager
async def _serve_model(
    app: FastAPI, *, settings: Settings, counters: Counters, release_folder: Path, opened: Opened | None
) -> AsyncGenerator[None]:
    """Have the model loaded from the start of the application to its end."""
    try:
        opened = opened or await open_model(settings, bundled=release_folder)
    except ModelRequiredError as error:
        app.state.refusal = str(error)  # for the command line, which tells it without a traceback
        raise
    app.state.loaded = Loaded(
        opened.release,
        opened.recognizer,
        settings.max_pixels,
        CapacityLimiter(_LARGE_AT_ONCE),
        opened.origin,
        counters,
    )
    async with _refreshing(app, settings):
        yield
    app.state.loaded = None


@asynccontextmanager
async def _refreshing(app: FastAPI, settings: Settings) -> AsyncGenerator[None]:
    """Look for newer commits in the meantime, where the settings ask for it."""
    if settings.model_repo is None or not settings.model_refresh_seconds:
        yield
        return
    model = HubModel(settings.model_repo, settings.model_revision)
    task = asyncio.create_task(keep_fresh(app, model, seconds=settings.model_refresh_seconds))
    yield
    task.cancel()


def _mount_page(app: FastAPI, settings: Settings) -> FastAPI:
    from app.ui import (  # Gradio takes seconds and 100 MB to import: only when there is a page
        ServedModel,
        Tools,
        mount_page,
    )

    for_page = PictureReader(app, min(settings.max_pixels, _PAGE_PIXELS))
    for_programs = PictureReader(app, settings.max_pixels)

    def describe_model() -> ServedModel:
        loaded: Loaded = app.state.loaded
        return ServedModel(loaded.release, loaded.origin)

    return mount_page(
        app,
        read=for_page.read,
        explain=for_page.explain,
        describe_model=describe_model,
        tools=Tools(for_programs.read, for_programs.explain),
    )


def _find_version() -> str:
    try:
        return version("handwritten-digits")
    except PackageNotFoundError:  # run from a folder, not installed
        return "unknown"
