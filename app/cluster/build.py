"""The deployment of Ray Serve: the model is opened once and sent to each replica."""

import asyncio
import os
from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.serve.config import BackpressureConfig
from ray.serve.schema import LoggingConfig

from app.api.errors import RETRY_AFTER_SECONDS
from app.application import create_app
from app.logs import configure_logging
from app.model.loading import check_reader, load_model, load_release
from app.model.release import BUNDLED_RELEASE, Origin, Release
from app.settings import Settings, SettingsError, load_settings

_PROXY_CALLBACK = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"  # Serve's own variable


class Replica:
    """Serves the JSON API, without a request to the Hub."""

    def __init__(self, settings: Settings, release: Release, origin: Origin) -> None:
        """Verify and open the model; an exception counts as a failed start."""
        configure_logging(settings.log_level, form=settings.log_format)
        self._settings = settings
        self._model = load_release(release, origin)

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Return the application. Serve calls this once."""
        return create_app(self._settings, model=self._model)

    def check_health(self) -> None:
        """Raise if the reader fails its self-test. Serve calls this periodically and replaces the replica.

        Raises:
            ReaderError: it fails.
        """
        check_reader(self._model.reader, self._model.release.self_test)


def deployment(arguments: dict[str, Any]) -> serve.Application:
    """Return the application for Serve, with the model inside: replicas need no Hub and no environment.

    The settings `host`, `port`, `workers` and `drain_seconds` are replaced by Serve's own.

    Args:
        arguments: settings by their names without DIGITS_; the others are read from the environment.

    Raises:
        SettingsError: a setting is invalid, or not supported on a cluster.
        ModelRequiredError: the model that the settings require is not available.
    """
    settings = _disable_page(load_settings(**arguments))
    model = asyncio.run(load_model(settings, bundled=BUNDLED_RELEASE))
    # For a Ray that `serve run` starts after this. A Ray that already runs reads it from serve.yaml.
    os.environ.setdefault(_PROXY_CALLBACK, "app.cluster.proxy:make_middlewares")
    deploy = serve.deployment(
        name="digits",
        num_replicas="auto",
        max_ongoing_requests=settings.max_concurrency,
        max_queued_requests=settings.max_concurrency,
        backpressure_config=BackpressureConfig(retry_after_s=RETRY_AFTER_SECONDS),
        max_surge_percent=20,  # a new replica is ready before an old one stops
        logging_config=LoggingConfig(enable_access_log=False),  # the app has its own
    )
    return deploy(serve.ingress()(Replica)).bind(settings, model.release, model.origin)


def _disable_page(settings: Settings) -> Settings:
    """Return the settings for the API alone.

    Raises:
        SettingsError: they need a single process.
    """
    if settings.ui and "ui" in settings.model_fields_set:
        raise SettingsError(
            "DIGITS_UI is on, but the page needs a single process. Serve it by python -m app."
        )
    if settings.model_refresh_seconds:
        raise SettingsError(
            f"DIGITS_MODEL_REFRESH_SECONDS is {settings.model_refresh_seconds}, but replicas do not use the "
            "Hub. For another commit, deploy again with its DIGITS_MODEL_REVISION."
        )
    return settings.model_copy(update={"ui": False})
