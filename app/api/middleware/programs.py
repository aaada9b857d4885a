"""Tells what programs ask from what a visitor's page does."""

from starlette.types import Scope

_PATHS = (
    "/api/",
    "/v2/models",
    "/metrics",
    "/gradio_api/mcp",
    "/gradio_api/queue/",  # what gradio_client asks
    "/gradio_api/call/",
    "/gradio_api/api/",
)


def is_for_programs(scope: Scope) -> bool:
    """Say whether a connection asks what a program does; health checks and documentation are for all."""
    return scope["type"] == "http" and str(scope["path"]).startswith(_PATHS)
