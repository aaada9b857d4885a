"""From the settings to what Serve deploys: the model is opened here, once, and handed to each replica."""

import asyncio
import os
from typing import Any

from ray import serve
from ray.serve.config import BackpressureConfig
from ray.serve.schema import LoggingConfig

from app.cluster.replica import Replica
from app.model.loading import load_model
from app.model.release import BUNDLED_RELEASE
from app.settings import Settings, SettingsError, load_settings

_PROXY_CALLBACK = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"  # Serve's own variable
_RETRY_AFTER_SECONDS = 1


def deployment(arguments: dict[str, Any]) -> serve.Application:
    """Return what Serve deploys, with the model inside: the replicas need no Hub, and no environment.

    Of the settings, `host`, `port`, `workers` and `drain_seconds` are Serve's matter and not looked at.

    Args:
        arguments: settings by their names without DIGITS_; the others are read from the environment.

    Raises:
        SettingsError: a setting cannot be used, or not on a cluster.
        ModelRequiredError: the model that the settings require cannot be had.
    """
    settings = _leave_out_the_page(load_settings(**arguments))
    opened = asyncio.run(load_model(settings, bundled=BUNDLED_RELEASE))
    # For a Ray that `serve run` starts after this. To one that runs already, serve.yaml tells it.
    os.environ.setdefault(_PROXY_CALLBACK, "app.cluster.proxy:make_middlewares")
    deploy = serve.deployment(
        name="digits",
        num_replicas="auto",
        max_ongoing_requests=settings.max_concurrency,
        max_queued_requests=settings.max_concurrency,
        backpressure_config=BackpressureConfig(retry_after_s=_RETRY_AFTER_SECONDS),
        max_surge_percent=20,  # what replaces a replica is ready before that one stops
        logging_config=LoggingConfig(enable_access_log=False),  # the app logs its requests itself
    )
    return deploy(serve.ingress()(Replica)).bind(settings, opened.release, opened.origin)


def _leave_out_the_page(settings: Settings) -> Settings:
    """Return the settings for the API alone.

    Raises:
        SettingsError: they ask for what many processes cannot do.
    """
    if settings.ui and "ui" in settings.model_fields_set:
        raise SettingsError("DIGITS_UI is on: a page's visitors need one process; serve it by python -m app.")
    if settings.model_refresh_seconds:
        raise SettingsError(
            f"DIGITS_MODEL_REFRESH_SECONDS is {settings.model_refresh_seconds}: replicas do not ask the Hub; "
            "for another commit, deploy again with its DIGITS_MODEL_REVISION."
        )
    return settings.model_copy(update={"ui": False})
