"""Paths below /api, /health, /v1 and /v2 without a route, which the page mounted at / would serve."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.api.inference.errors import PREFIXES, InferenceRoute

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE")

router = APIRouter(include_in_schema=False)
_inference = APIRouter(route_class=InferenceRoute)  # its errors have their own shape


async def refuse(request: Request) -> None:
    """Raise 405 when the path accepts other methods, otherwise 404."""
    scope = request.scope
    routes = [route for route in request.app.router.routes if route.matches(scope)[0] is Match.PARTIAL]
    if not routes:
        raise HTTPException(404, f"there is no {request.url.path}")
    allowed = [
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    message = f"{request.url.path} does not accept {request.method}"
    raise HTTPException(405, message, headers={"Allow": ", ".join(allowed)})


for _router, _prefixes in ((router, ("/api", "/health")), (_inference, PREFIXES)):
    for _prefix in _prefixes:
        for _path in (_prefix, f"{_prefix}/{{path:path}}"):
            _router.add_api_route(_path, refuse, methods=[*_METHODS])
router.include_router(_inference)
