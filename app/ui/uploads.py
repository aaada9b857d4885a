"""Pictures that Gradio's clients upload, without storing them: an upload is answered with a data: URL.

The client then sends that URL where Gradio expects the path of an uploaded file.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import gradio as gr
from fastapi import HTTPException, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.api.bodies import FORM_TYPE, JSON_TYPE, parse_form, receive_body

_MAX_BYTES = 4 * 2**20  # of the form: as many as MCP accepts
_PIECE = 2**16  # bytes of the response that are sent at once, so that a slow client counts as a request
_PICTURE_KEYS = ("path", "composite", "background")  # of a file, and of a sketchpad's dictionary


async def upload(request: Request) -> StreamingResponse:
    """Return the files of a form as data: URLs."""
    body, content_type = await receive_body(request)
    if len(body) > _MAX_BYTES:
        raise HTTPException(413, f"an upload may have {_MAX_BYTES:,} bytes")
    if not content_type.startswith(FORM_TYPE):
        raise HTTPException(415, f"send the files of a form, {FORM_TYPE}")
    pictures = (await run_in_threadpool(parse_form, body, content_type)).pictures
    urls = [f"data:application/octet-stream;base64,{b64encode(picture).decode()}" for picture in pictures]
    return StreamingResponse(_cut(json.dumps(urls)), media_type=JSON_TYPE)


def _cut(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def find_picture(given: object) -> str | float | None:
    """Return the text of a picture in a file of Gradio or in the dictionary of a sketchpad.

    Numbers and texts stay as they are; anything else is None.
    """
    while isinstance(given, dict):
        given = next((given[name] for name in _PICTURE_KEYS if given.get(name)), None)
    return given if isinstance(given, str | int | float) else None


class DataUrlBlocks(gr.Blocks):
    """Blocks whose functions get the text of a picture where a client sends a file.

    Gradio would open the path of the file on this machine, or fetch its address.
    """

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> Any:
        """Replace files before Gradio looks for them."""
        texts = [find_picture(each) for each in inputs]
        return await super().preprocess_data(block_fn, texts, state, explicit_call)
