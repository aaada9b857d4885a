"""Tools for programs, called through gradio_client or, by language models, through MCP."""

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, get_args

import gradio as gr
from gradio.events import api

from app.api.requests import EXAMPLE_PNG
from app.recognition.explanation.explanation import NoSuchDigitError
from app.recognition.explanation.heat_map import draw_heat_map
from app.recognition.explanation.wording import say_reading
from app.recognition.image.picture import PictureError, decode_base64
from app.recognition.reading import Expect, Reading
from app.service import BusyError, NotReadyError, PictureInput, ReadingService
from app.ui.presentation import ShownDigit, ShownMark, present_digit, present_mark

_logger = logging.getLogger(__name__)


class ToolError(gr.Error):
    """An error whose message is sent to the caller of a tool."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message[:1].upper()}{message[1:]}.", print_exception=False)

    def __str__(self) -> str:
        """Return the message without the quotes of gr.Error: MCP sends this text."""
        return str(self.message)


@dataclass(frozen=True)
class _Result:
    """The result of a tool. Gradio sends its fields; MCP sends its text, which is therefore JSON."""

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class ToolReading(_Result):
    """The text read from a picture, its confidence in a sentence, and its digits and marks."""

    text: str
    written: str
    sentence: str
    digits: tuple[ShownDigit, ...]
    marks: tuple[ShownMark, ...]


@dataclass(frozen=True)
class ToolExplanation(_Result):
    """Why a digit was read; `heat_map` is a PNG as a data: URL, or "" unless requested."""

    digit: ShownDigit
    runner_up: int
    runner_up_probability: float
    sentence: str
    change: str
    heat_map: str


@dataclass(frozen=True)
class Tools:
    """The tools, which read pictures with `service`."""

    service: ReadingService

    def add_endpoints(self, page: gr.Blocks) -> None:
        """Add the tools to the page, each with an example of a picture, which "Use via API" shows."""
        for tool in (self.predict, self.read_picture, self.explain_digit):
            with page:
                api(tool, queue=False, concurrency_limit=None)
            image = list(page.fns.values())[-1].inputs[0]
            for example in ("example_payload", "example_value"):  # a value would be a default
                setattr(image, example, lambda: EXAMPLE_PNG)

    # Gradio describes the tools by these docstrings; it uses one line for each argument.

    async def predict(self, image: str | dict[str, Any]) -> dict[str, Any]:
        """Read one handwritten digit, and return `label` and `confidences`, as gr.Label does.

        Args:
            image: A file, the dictionary of a sketchpad, or a picture in base64.

        Returns:
            the digit as `label` (None without ink), and the probabilities of all as `confidences`.
        """
        reading = await self._read(image, "digit")
        probabilities = reading.digits[0].probabilities if reading.digits else ()
        ranked = sorted(enumerate(probabilities), key=lambda each: -each[1])
        confidences = [
            {"label": reading.labels[digit], "confidence": round(share, 5)} for digit, share in ranked
        ]
        return {"label": confidences[0]["label"] if confidences else None, "confidences": confidences}

    async def read_picture(self, image: str, expect: Expect = "auto") -> ToolReading:
        """Read the handwritten digits in a picture: one digit, or numbers line by line.

        Accepts drawings, scans and photographs, dark on light or light on dark. Reports parts, such as
        letters, that do not look like a digit. Stores nothing.

        Args:
            image: The picture itself: in base64, plain or as a data: URL, not an address.
            expect: "digit": the picture is one digit; "number": read digits line by line; "auto": decide.

        Returns:
            the digits read ("" if none), the same as written with marks, a sentence on the confidence, the
            digits and the marks.
        """
        reading = await self._read(image, expect)
        return ToolReading(
            reading.text,
            written=reading.written,
            sentence=say_reading(reading),
            digits=tuple(present_digit(digit) for digit in reading.digits),
            marks=tuple(present_mark(mark) for mark in reading.marks),
        )

    async def explain_digit(
        self, image: str, expect: Expect = "auto", index: int = 0, heat_map: bool = False
    ) -> ToolExplanation:
        """Explain the reading of one handwritten digit in a picture.

        Covers parts of the ink and reads the rest: finds the second most likely digit, and the ink without
        which the picture would be read as another digit.

        Args:
            image: The picture itself: in base64, plain or as a data: URL, not an address.
            expect: "digit": the picture is one digit; "number": read digits line by line; "auto": decide.
            index: Which digit, in reading order from 0.
            heat_map: Whether to add a PNG: orange ink supports the digit, blue ink opposes it.

        Returns:
            the digit, the runner-up, the confidence, the ink that decides between them, and the heat map.
        """
        with _public_errors():
            _check_arguments(image, expect)
            if type(index) is not int:
                raise ToolError("index: give a whole number")
            explanation = (await self.service.explain(partial(_parse, image, expect, index))).value
        png = draw_heat_map(explanation.digit.normalised, explanation.heat) if heat_map else b""
        return ToolExplanation(
            present_digit(explanation.digit),
            runner_up=explanation.runner_up,
            runner_up_probability=round(explanation.runner_up_probability, 5),
            sentence=explanation.sentence,
            change=explanation.change_sentence,
            heat_map=f"data:image/png;base64,{b64encode(png).decode()}" if png else "",
        )

    async def _read(self, image: object, expect: Expect) -> Reading:
        with _public_errors():
            text = _check_arguments(image, expect)
            return (await self.service.read(partial(_parse, text, expect), size=len(text))).value


def _check_arguments(image: object, expect: object) -> str:
    """Return the image, or raise ToolError for an argument of another type, which Gradio does not check."""
    if not isinstance(image, str):
        raise ToolError("image: give the picture as text in base64")
    if expect not in get_args(Expect):
        raise ToolError(f"expect: give one of {', '.join(get_args(Expect))}")
    return image


def _parse(image: str, expect: Expect, index: int = 0) -> PictureInput:
    return PictureInput(decode_base64(image), expect, index)


@contextmanager
def _public_errors() -> Iterator[None]:
    """Turn every exception into a ToolError; unexpected ones are logged and not described to the caller."""
    try:
        yield
    except ToolError:
        raise
    except (PictureError, NoSuchDigitError, NotReadyError) as error:
        raise ToolError(str(error)) from error
    except BusyError as error:
        raise ToolError("the server is overloaded; try again later") from error
    except Exception as error:
        _logger.exception("A tool failed")
        raise ToolError("internal server error; it has been logged") from error
