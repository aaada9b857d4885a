"""Closes what Gradio opens to everybody and this app has no use for: files kept, and addresses fetched."""

import gradio as gr
from fastapi import FastAPI, HTTPException
from mcp import types

# Gradio's own routes that write what anybody sends to the disk, and those that read files or fetch an address
# on the server's behalf.
_WRITING = ("upload", "process_recording", "deep_link")
_READING = ("file={path:path}", "file/{path:path}", "proxy={path:path}", "stream/{path:path}")
# To answer these, Gradio's MCP server asks itself at the address in the caller's own Host header.
_ASKING_ITSELF = (
    types.GetPromptRequest,
    types.ListPromptsRequest,
    types.ListResourcesRequest,
    types.ListResourceTemplatesRequest,
    types.ReadResourceRequest,
)


def close_routes(app: FastAPI) -> None:
    """Stand before Gradio's routes. Call it before Gradio is mounted."""
    for path in _WRITING + _READING:
        app.add_api_route(
            f"/gradio_api/{path}", _refuse, methods=["GET", "HEAD", "POST"], include_in_schema=False
        )


def close_mcp_beside_tools(page: gr.Blocks) -> None:
    """Leave nothing but the tools to MCP. Call it after the page is mounted with its MCP server."""
    if page.mcp_server_obj is None:
        raise RuntimeError(f"the MCP server did not start: {page.mcp_error}")
    for kind in _ASKING_ITSELF:
        del page.mcp_server_obj.mcp_server.request_handlers[kind]


async def _refuse() -> None:
    raise HTTPException(404, "nothing can be uploaded or fetched here")
