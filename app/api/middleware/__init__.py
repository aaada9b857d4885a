"""What every request passes before it reaches a route, those of the page included."""

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from app.api.counters import Counters
from app.api.inference.responses import JSON_LENGTH
from app.api.middleware.access_log import Watch
from app.api.middleware.api_key import ApiKey
from app.api.middleware.body_limit import WholeBody
from app.api.middleware.rate_limit import RateLimit
from app.api.middleware.security_headers import SecurityHeaders
from app.settings import Settings

REQUEST_ID = "X-Request-ID"  # a client's own, if it is a UUID, or one made here


def add_gateway(app: FastAPI, settings: Settings, counters: Counters) -> None:
    """Put the gateway before the routes of `app`."""
    # What is added last comes first: what costs nothing refuses before a body is read.
    app.add_middleware(WholeBody, max_bytes=settings.max_body_bytes, counters=counters)
    if settings.rate_limit:
        app.add_middleware(RateLimit, limit=settings.rate_limit, counters=counters)
    if settings.api_key:
        app.add_middleware(ApiKey, key=settings.api_key.get_secret_value(), counters=counters)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=[REQUEST_ID, "Retry-After", JSON_LENGTH],
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Watch, counters=counters)
    app.add_middleware(CorrelationIdMiddleware, header_name=REQUEST_ID)
