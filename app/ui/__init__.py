"""The page that people draw on: Gradio, mounted on the application that also serves the JSON API."""

from collections.abc import Callable

import gradio as gr
from fastapi import FastAPI, HTTPException
from fastapi.staticfiles import StaticFiles

from app.ui.digit_pad import ASSETS, Read
from app.ui.page import ModelNote, build_page, build_theme

__all__ = ["ModelNote", "mount_page"]


def mount_page(app: FastAPI, *, read: Read, describe_model: Callable[[], ModelNote]) -> FastAPI:
    """Mounts the page at `/` and its scripts and styles at `/ui`. Call it after all other routes are there.

    Args:
        app: its lifespan goes on to be run.
        read: reads one encoded picture; raises PictureError for one that cannot be read.
        describe_model: what the footer says of the model, asked at each page load.
    """
    app.mount("/ui", StaticFiles(directory=ASSETS), name="ui")
    app.add_api_route("/gradio_api/upload", _refuse_upload, methods=["POST"], include_in_schema=False)
    gr.mount_gradio_app(
        app,
        build_page(read=read, describe_model=describe_model),
        path="/",
        theme=build_theme(),
        head=(ASSETS / "head.html").read_text(encoding="utf-8"),
        favicon_path=str(ASSETS / "icon.png"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
    )
    return app


async def _refuse_upload() -> None:
    """Stands before Gradio's own route, which would keep the files of anyone; the pad sends text."""
    raise HTTPException(404, "nothing can be uploaded here")
