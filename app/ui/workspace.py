"""The pad and the reading as one Gradio component, with the server functions that its scripts call."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import gradio as gr
from fastapi import Request

from app.api.corrections import CorrectionRequest, make_given
from app.api.middleware.access import identify_client
from app.corrections.giving import GIVER, Corrections, TooManyCorrectionsError
from app.corrections.spool import SpoolError
from app.recognition.explanation.explanation import NoSuchDigitError
from app.recognition.image.picture import PictureError, TooManyPixelsError, decode_base64
from app.recognition.reading import Expect
from app.service import BusyError, NotReadyError, PictureInput, ReadingService
from app.ui.presentation import (
    ShownExplanation,
    ShownReading,
    present_explanation,
    present_failure,
    present_reading,
)

ASSETS = Path(__file__).parent / "assets"

_MAX_PIXELS = 3_000_000  # picture_input.js scales pictures down below this


def build_workspace(service: ReadingService, corrections: Corrections | None = None) -> gr.HTML:
    """Return the component, with the id `workspace`; with `corrections`, it offers to give them.

    It uses server functions, not Gradio's event listeners: the scripts then notice failed requests, decide
    which drawing is read next (assets/live_reading.js), and show a reading without rebuilding the component.
    Not a subclass of gr.HTML: Gradio writes a .pyi file for each subclass.
    """
    max_pixels = min(service.max_pixels, _MAX_PIXELS)

    async def read_drawing(request: object) -> ShownReading:
        return await _read(request, "auto")

    async def read_digit(request: object) -> ShownReading:
        return await _read(request, "digit")

    async def _read(request: object, expect: Expect) -> ShownReading:
        """Read the picture in a data URL, or in [data URL, whether embeddings are wanted]."""
        data_url, embed = request if isinstance(request, list) and len(request) == 2 else (request, False)
        size = len(data_url) if isinstance(data_url, str) else 0
        try:
            result = await service.read(lambda: _parse(data_url, expect), size=size, max_pixels=max_pixels)
        except TooManyPixelsError:
            return present_failure("too_large")
        except PictureError:
            return present_failure("unreadable")
        except (BusyError, NotReadyError):
            return present_failure("busy")
        return present_reading(result.value, model=result.model.release.reader_sha256 if embed else None)

    async def explain_digit(request: object) -> ShownExplanation | None:
        match request:
            case [data_url, int(index)]:
                with suppress(PictureError, NoSuchDigitError, BusyError, NotReadyError):
                    parse = partial(_parse, data_url, index=index)
                    result = await service.explain(parse, max_pixels=max_pixels)
                    return present_explanation(result.value)
        return None

    functions = _make_correction_functions(corrections) if corrections else ()
    return gr.HTML(
        html_template=(ASSETS / "workspace.html").read_text(encoding="utf-8"),
        js_on_load=(ASSETS / "gradio_workspace.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="workspace",
        server_functions=[read_drawing, read_digit, explain_digit, *functions],
    )


def _make_correction_functions(corrections: Corrections) -> tuple[Callable[..., Any], ...]:
    """Return the server functions with which the page gives corrections, and takes them back."""

    async def give_correction(request: object, client: gr.Request) -> str | None:
        """Store the JSON of a CorrectionRequest; return the giver's id, or None if it can't be stored now.

        A request that will never be stored gets an empty id.
        """
        try:
            given = make_given(CorrectionRequest.model_validate(request), source="page")
            return await corrections.give(given, client=_find_client(client))
        except (BusyError, NotReadyError, SpoolError, TooManyCorrectionsError):
            return None
        except ValueError:  # of Pydantic, and of pictures
            return ""

    async def take_back_corrections(request: object, client: gr.Request) -> bool:
        """Delete the corrections of the giver with an id; return whether it is done."""
        with suppress(SpoolError, TooManyCorrectionsError):
            if isinstance(request, str) and GIVER.fullmatch(request):
                await corrections.take_back(request, client=_find_client(client))
                return True
        return False

    return give_correction, take_back_corrections


def _find_client(request: gr.Request) -> str:
    """Return the client's address; Gradio passes FastAPI's request in place of its own."""
    return identify_client(cast(Request, request).scope)


def _parse(data_url: object, expect: Expect = "auto", *, index: int = 0) -> PictureInput:
    """Return the picture in a data URL; raise PictureError for any other value that a client may send."""
    if not isinstance(data_url, str) or not data_url.startswith("data:image/"):
        raise PictureError("the picture is not a data URL of a picture")
    return PictureInput(decode_base64(data_url), expect, index)
