"""One replica: the application, around a model that was opened elsewhere."""

from fastapi import FastAPI

from app.application import create_app
from app.logs import configure_logging
from app.model.loading import check_reader, load_release
from app.model.release import Origin, Release
from app.settings import Settings


class Replica:
    """Serves the JSON API. Asks nobody for the model."""

    def __init__(self, settings: Settings, release: Release, origin: Origin) -> None:
        """Verify what was handed over, which Serve calls a failed start if it raises."""
        configure_logging(settings.log_level, form=settings.log_format)
        self._settings = settings
        self._opened = load_release(release, origin)

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Called by Serve once, for what answers the requests."""
        return create_app(self._settings, model=self._opened)

    def check_health(self) -> None:
        """Called by Serve now and then; a replica whose reader answers wrong is replaced.

        Raises:
            ReaderError: it does.
        """
        check_reader(self._opened.reader, self._opened.release.self_test)
