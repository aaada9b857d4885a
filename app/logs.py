"""Logging as text or as JSON, with the id of the request."""

import logging
import warnings
from typing import Literal

from asgi_correlation_id import CorrelationIdFilter
from PIL import Image
from pythonjsonlogger.json import JsonFormatter


def configure_logging(level: str, *, form: Literal["text", "json"]) -> None:
    """Write messages of at least `level` to stderr."""
    handler = logging.StreamHandler()
    handler.addFilter(CorrelationIdFilter())
    handler.setFormatter(
        JsonFormatter(
            "{levelname}{name}{message}{correlation_id}",
            style="{",
            timestamp=True,
            rename_fields={"levelname": "level", "name": "logger", "correlation_id": "request_id"},
        )
        if form == "json"
        else logging.Formatter("%(levelname)s %(name)s: %(message)s")
    )
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # too many pixels are refused with 413
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # the client gets its warnings
    logging.basicConfig(level=level.upper(), handlers=[handler])
