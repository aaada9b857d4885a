"""The page that people draw on: Gradio, mounted on the application that also serves the JSON API."""

from collections.abc import Callable

import gradio as gr
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app.ui.about import ServedModel
from app.ui.closed import close_mcp_beside_tools, close_routes
from app.ui.desk import ASSETS, Explain, Read
from app.ui.page import build_page, build_theme
from app.ui.tools import Tools

__all__ = ["ServedModel", "Tools", "mount_page"]


def mount_page(
    app: FastAPI, *, read: Read, explain: Explain, describe_model: Callable[[], ServedModel], tools: Tools
) -> FastAPI:
    """Mounts the page at `/` and its scripts and styles at `/ui`. Call it after all other routes are there.

    Args:
        app: its lifespan goes on to be run.
        read: reads one encoded picture; raises PictureError for one that cannot be read.
        explain: reads one and explains the digit at an index; raises NoSuchDigitError, too.
        describe_model: what is served, asked at each page load.
        tools: what programs may call, through Gradio's client and through MCP.
    """
    app.mount("/ui", StaticFiles(directory=ASSETS), name="ui")
    close_routes(app)
    page = build_page(read=read, explain=explain, describe_model=describe_model)
    with page:
        tools.offer()
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=build_theme(),
        head=(ASSETS / "head.html").read_text(encoding="utf-8"),
        favicon_path=str(ASSETS / "icon.png"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=True,
    )
    close_mcp_beside_tools(page)
    return app
