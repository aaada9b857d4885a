"""Puts the parts together into one application: the model, the JSON API and the page."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app.api import health, model, predict, unknown
from app.api.errors import add_error_handlers
from app.api.limits import BodyLimit
from app.api.loaded import Loaded
from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.picture import decode_picture, open_picture
from app.recognition.reader import Reader
from app.recognition.reading import Expect, Reading
from app.recognition.recognizer import Recognizer
from app.settings import Settings, load_settings

_LARGE_AT_ONCE = 2  # pictures or batches; see Loaded
_DESCRIPTION = "Reads handwritten digits and says when something is no digit."


def create_app(settings: Settings | None = None, *, release_folder: Path = BUNDLED_RELEASE) -> FastAPI:
    """Make the application. The model is loaded when it starts, not now.

    Args:
        settings: read from the environment when not given.
        release_folder: the release to serve.

    Raises:
        SettingsError: no settings are given, and the environment's are wrong.
    """
    settings = settings or load_settings()

    @asynccontextmanager
    async def load_model(app: FastAPI) -> AsyncGenerator[None]:
        app.state.loaded = _load(release_folder, settings)
        yield
        app.state.loaded = None

    # FastAPI's own documentation page loads its scripts from a CDN; this one serves them itself.
    app = FastAPIOffline(
        title="Handwritten digits",
        description=_DESCRIPTION,
        version=_find_version(),
        lifespan=load_model,
        redoc_url=None,
    )
    app.state.loaded = None
    add_error_handlers(app)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    for router in (predict.router, model.router, health.router, unknown.router):
        app.include_router(router)
    return _mount_page(app, settings) if settings.ui else app


def _load(release_folder: Path, settings: Settings) -> Loaded:
    release = open_release(release_folder)
    reader = Reader(release.reader, drawing_size=release.drawing_size)
    recognizer = Recognizer(reader, acceptance_threshold=release.acceptance_threshold)
    return Loaded(release, recognizer, settings.max_pixels, CapacityLimiter(_LARGE_AT_ONCE))


def _mount_page(app: FastAPI, settings: Settings) -> FastAPI:
    from app.ui import mount_page  # Gradio takes seconds and 100 MB to import: only when there is a page

    def read(data: bytes, expect: Expect) -> Reading:
        loaded: Loaded = app.state.loaded
        picture = decode_picture(open_picture(data, max_pixels=settings.max_pixels))
        return loaded.recognizer.read(picture, expect=expect)

    def describe_model() -> str:
        loaded: Loaded = app.state.loaded
        accuracy = loaded.release.describe_accuracy()
        return f"Bundled release {loaded.release.name}" + (f", {accuracy}" if accuracy else "")

    return mount_page(app, read=read, describe_model=describe_model)


def _find_version() -> str:
    try:
        return version("handwritten-digits")
    except PackageNotFoundError:  # run from a folder, not installed
        return "unknown"
