"""The middleware that every request passes before it reaches a route, including the requests of the page."""

import os

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api.inference.responses import JSON_LENGTH
from app.api.metrics import Counters
from app.api.middleware.access import Access
from app.api.middleware.access_log import AccessLog
from app.api.middleware.forwarded import ForwardedPrefix
from app.api.middleware.request_limits import RequestLimits
from app.api.middleware.security_headers import SecurityHeaders
from app.api.middleware.stopping import Stopping
from app.settings import Settings

REQUEST_ID = "X-Request-ID"  # the client's own, if it is a UUID, otherwise a new one


def add_middleware(app: FastAPI, settings: Settings, counters: Counters) -> None:
    """Add the middleware, and the state that it shares with the server and the health checks."""
    app.state.stopping = False
    app.state.streams = set()  # tasks of the event streams that are open
    # The last one added runs first: cheap checks refuse a request before its body is received.
    app.add_middleware(
        RequestLimits,
        max_concurrency=settings.max_concurrency,
        max_bytes=settings.max_body_bytes,
        counters=counters,
    )
    if settings.api_key or settings.rate_limit:
        api_key = settings.api_key.get_secret_value() if settings.api_key else None
        app.add_middleware(Access, api_key=api_key, rate_limit=settings.rate_limit, counters=counters)
    app.add_middleware(Stopping)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=[REQUEST_ID, "Retry-After", JSON_LENGTH],
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(AccessLog, counters=counters)
    app.add_middleware(CorrelationIdMiddleware, header_name=REQUEST_ID)
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")  # Uvicorn's own variable
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=trusted)
    app.add_middleware(ForwardedPrefix, root_path=settings.root_path, trusted=trusted)
