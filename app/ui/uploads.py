"""Pictures that Gradio's clients upload, without storing them: an upload is answered with a data: URL.

The client then sends that URL where Gradio expects the path of an uploaded file.
"""

from base64 import b64encode
from typing import Any

import gradio as gr
from fastapi import Request

from app.api.bodies import parse_form
from app.api.requests import receive_body

_OPENED = ("path", "composite", "background")  # of a file, and of a sketchpad's dictionary


async def upload(request: Request) -> list[str]:
    """Return the files of a form as data: URLs."""
    form = parse_form(*await receive_body(request))
    return [
        f"data:application/octet-stream;base64,{b64encode(picture).decode()}" for picture in form.pictures
    ]


def find_picture(given: object) -> object:
    """Return the text of a picture in a file of Gradio or in the dictionary of a sketchpad."""
    while isinstance(given, dict):
        given = next((given[name] for name in _OPENED if given.get(name)), None)
    return given


class StoringNothing(gr.Blocks):
    """Blocks whose functions get the text of a picture where a client sends a file."""

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *args: Any, **options: Any) -> Any:
        """Open the files before Gradio looks for them on its disk."""
        opened = [find_picture(each) if isinstance(each, dict) else each for each in inputs]
        return await super().preprocess_data(block_fn, opened, *args, **options)
