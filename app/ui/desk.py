"""Pad and reading as one Gradio component: it draws and shows in the browser, and has the server read."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import gradio as gr

from app.recognition.explanation.explanation import Explanation, NoSuchDigitError
from app.recognition.image.picture import PictureError, TooManyPixelsError
from app.recognition.reading import Expect, Reading
from app.ui.data_url import picture_bytes
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


def desk(read: Read, *, explain: Explain, elem_id: str) -> gr.HTML:
    """What people draw on and what is read of it.

    The browser does not ask through Gradio listeners but through server functions: it then learns when no
    answer came, can go on, and itself decides which drawing is read next (assets/live_reading.js). They
    answer plain values, which the browser shows without rebuilding the page 25 times a second.
    A function and not a subclass of gr.HTML: Gradio writes a .pyi file beside each subclass's source.
    """

    async def read_drawing(data_url: object) -> ShownReading:
        return await _read_drawing(data_url, read=read)

    async def explain_digit(question: object) -> ShownExplanation | None:
        return await _explain_digit(question, explain=explain)

    return gr.HTML(
        html_template=(ASSETS / "desk.html").read_text(encoding="utf-8"),
        js_on_load=(ASSETS / "gradio_glue.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
        server_functions=[read_drawing, explain_digit],
    )


async def _read_drawing(data_url: object, *, read: Read) -> ShownReading:
    try:
        return present_reading(await read(picture_bytes(data_url), "auto"))
    except TooManyPixelsError:
        return present_failure("This picture has too many pixels.")
    except PictureError:
        return present_failure("This picture could not be read.")


async def _explain_digit(question: object, *, explain: Explain) -> ShownExplanation | None:
    """Explain the digit in `question`, a list of a data URL and an index; None where that is not possible."""
    match question:
        case [data_url, int(index)]:
            try:
                return present_explanation(await explain(picture_bytes(data_url), "auto", index))
            except (PictureError, NoSuchDigitError):
                return None
    return None
