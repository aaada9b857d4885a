"""The pad and the reading as one Gradio component, with the functions that its scripts call on the server."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import gradio as gr

from app.recognition.base64_text import decode_base64
from app.recognition.explanation import Explanation, NoSuchDigitError
from app.recognition.picture import PictureError, TooManyPixelsError
from app.recognition.reading import Expect, Reading
from app.ui.presentation import (
    ShownExplanation,
    ShownReading,
    present_explanation,
    present_failure,
    present_reading,
)

ASSETS = Path(__file__).parent / "assets"

Read = Callable[[bytes, Expect], Awaitable[Reading]]
Explain = Callable[[bytes, Expect, int], Awaitable[Explanation]]


def build_workspace(read: Read, *, explain: Explain, elem_id: str) -> gr.HTML:
    """Return the component.

    It uses server functions, not Gradio's event listeners: the scripts then notice failed requests, decide
    which drawing is read next (assets/live_reading.js), and show a reading without rebuilding the component.
    Not a subclass of gr.HTML: Gradio writes a .pyi file for each subclass.
    """

    async def read_drawing(data_url: object) -> ShownReading:
        try:
            return present_reading(await read(_decode_data_url(data_url), "auto"))
        except TooManyPixelsError:
            return present_failure("This picture has too many pixels.")
        except PictureError:
            return present_failure("This picture could not be read.")

    async def explain_digit(request: object) -> ShownExplanation | None:
        match request:
            case [data_url, int(index)]:
                with suppress(PictureError, NoSuchDigitError):
                    return present_explanation(await explain(_decode_data_url(data_url), "auto", index))
        return None

    return gr.HTML(
        html_template=(ASSETS / "workspace.html").read_text(encoding="utf-8"),
        js_on_load=(ASSETS / "gradio_glue.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
        server_functions=[read_drawing, explain_digit],
    )


def _decode_data_url(data_url: object) -> bytes:
    """Return the bytes of the picture in a data URL, in whose place a client may send anything.

    Raises:
        PictureError: it is not a data URL of a picture.
    """
    if not isinstance(data_url, str) or not data_url.startswith("data:image/"):
        raise PictureError("the picture is not a data URL of a picture")
    return decode_base64(data_url)
