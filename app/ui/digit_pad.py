"""The digit pad as a Gradio component: it draws in the browser, and has what was drawn read."""

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from app.recognition.picture import PictureError
from app.recognition.reading import Expect, Reading
from app.ui.presentation import present_empty_pad, present_failure, present_reading

ASSETS = Path(__file__).parent / "assets"

PNG_DATA_URL = "data:image/png;base64,"
# A scribbled-over pad of 224 x 224 is below 30,000 characters.
LONGEST_DATA_URL = 200_000

Read = Callable[[bytes, Expect], Reading]


def digit_pad(read: Read, *, elem_id: str) -> gr.HTML:
    """A pad to draw on. Its value is the markup of the newest reading; listen to `change`.

    The pad does not send its picture through a Gradio listener but through a server function: it then learns
    when no answer came, can go on, and itself decides which drawing is read next (assets/live_reading.js).
    A function and not a subclass of gr.HTML: Gradio writes a .pyi file beside each subclass's source.
    """

    def read_drawing(data_url: object) -> str:
        return _read_drawing(data_url, read=read)

    return gr.HTML(
        present_empty_pad(),
        html_template=(ASSETS / "digit_pad.html").read_text(encoding="utf-8"),
        js_on_load=(ASSETS / "gradio_glue.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
        server_functions=[read_drawing],
        unavailable=present_failure("No answer just now. Draw on: it is asked for again."),
    )


def _read_drawing(data_url: object, *, read: Read) -> str:
    try:
        return present_reading(read(picture_bytes(data_url), "auto"))
    except PictureError:
        return present_failure("This drawing could not be read.")


def picture_bytes(data_url: object) -> bytes:
    """The bytes of the PNG in what the browser sent, which may be anything.

    Raises:
        PictureError: it is not a data URL of a PNG of reasonable length.
    """
    if not isinstance(data_url, str) or not data_url.startswith(PNG_DATA_URL):
        raise PictureError("the drawing is not a data URL of a PNG")
    if len(data_url) > LONGEST_DATA_URL:
        raise PictureError(f"the drawing has {len(data_url)} characters, more than {LONGEST_DATA_URL}")
    try:
        return b64decode(data_url.removeprefix(PNG_DATA_URL), validate=True)
    except ValueError as error:
        raise PictureError("the drawing is not base64") from error
