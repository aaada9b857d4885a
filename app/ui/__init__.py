"""The Gradio page and the tools for programs, mounted on the application that also serves the JSON API."""

import gradio as gr
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from mcp import types
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount

from app.corrections.giving import Corrections
from app.recognition.constants import CONSTANTS_JSON
from app.service import ReadingService
from app.ui.page import build_page, build_theme
from app.ui.page_head import PageHead
from app.ui.tools import Tools
from app.ui.uploads import upload
from app.ui.workspace import ASSETS

# Gradio's routes that store recordings, read files or fetch addresses for a client.
_CLOSED_ROUTES = (
    "process_recording",
    "deep_link",
    "file={path:path}",
    "file/{path:path}",
    "proxy={path:path}",
    "stream/{path:path}",
)
# For these requests Gradio's MCP server connects to the address in the client's Host header.
_CLOSED_MCP_REQUESTS = (
    types.GetPromptRequest,
    types.ListPromptsRequest,
    types.ListResourcesRequest,
    types.ListResourceTemplatesRequest,
    types.ReadResourceRequest,
)


def mount_page(app: FastAPI, service: ReadingService, corrections: Corrections | None = None) -> FastAPI:
    """Mount the page at `/` and its scripts and styles at `/ui`. Call this after adding all other routes."""
    app.add_api_route("/ui/constants.js", _get_constants, include_in_schema=False)
    app.add_api_route("/service_worker.js", _get_service_worker, include_in_schema=False)
    app.mount("/ui", GZipMiddleware(StaticFiles(directory=ASSETS)), name="ui")
    app.add_api_route("/gradio_api/upload", upload, methods=["POST"], include_in_schema=False)
    for path in _CLOSED_ROUTES:  # the route that is added first is used
        app.add_api_route(
            f"/gradio_api/{path}", _refuse, methods=["GET", "HEAD", "POST"], include_in_schema=False
        )
    page = build_page(service, corrections)
    Tools(service).add_endpoints(page)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=build_theme(),
        favicon_path=str(ASSETS / "icon.png"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=True,
    )
    mounted = app.routes[-1]
    if not isinstance(mounted, Mount):
        raise RuntimeError("Gradio is not mounted")
    mounted.app = PageHead(mounted.app, head=(ASSETS / "head.html").read_text(encoding="utf-8"))
    if page.mcp_server_obj is None:
        raise RuntimeError(f"the MCP server did not start: {page.mcp_error}")
    del page.mcp_server_obj.tool_to_endpoint["predict"]  # read_picture says more
    for request in _CLOSED_MCP_REQUESTS:
        del page.mcp_server_obj.mcp_server.request_handlers[request]
    return app


async def _get_constants() -> Response:
    """Return the constants shared with Python as a module: Firefox imports JSON only from 2025 on."""
    return Response(f"export default {CONSTANTS_JSON};\n", media_type="text/javascript")


async def _get_service_worker() -> FileResponse:
    """Return the service worker at the root: it can serve only addresses below its own."""
    return FileResponse(ASSETS / "service_worker.js", media_type="text/javascript")


async def _refuse() -> None:
    raise HTTPException(404, "files and addresses are not available")
