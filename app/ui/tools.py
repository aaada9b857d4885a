"""The two tools for programs: called through gradio_client, or offered to a language model through MCP."""

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import get_args

import gradio as gr
from gradio.events import api

from app.recognition.explanation.explanation import Explanation, NoSuchDigitError
from app.recognition.explanation.heat_map import draw_heat_map
from app.recognition.explanation.wording import say_reading
from app.recognition.image.picture import PictureError, decode_base64
from app.recognition.reading import Digit, Expect
from app.ui.desk import Explain, Read

_DECIMALS = 5  # of probabilities: a language model reads all of them

_logger = logging.getLogger(__name__)


class ToolError(gr.Error):
    """What a tool tells its caller; nothing else of a failure leaves the server."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message[:1].upper()}{message[1:]}.", print_exception=False)

    def __str__(self) -> str:
        """Return the message as it is: MCP sends this text, and Gradio's own has quotes around it."""
        return str(self.message)


@dataclass(frozen=True)
class _Answer:
    """A tool's answer. Gradio sends its fields; MCP sends its text, which is JSON for that reason."""

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class DigitAnswer:
    """One digit as POST /api/predict gives it."""

    digit: int
    confidence: float
    digit_score: float
    accepted: bool
    probabilities: tuple[float, ...]
    box: tuple[int, ...]


@dataclass(frozen=True)
class PictureAnswer(_Answer):
    """What a picture was read as, and how sure that is in a sentence."""

    text: str
    sentence: str
    digits: tuple[DigitAnswer, ...]


@dataclass(frozen=True)
class ExplanationAnswer(_Answer):
    """Why a digit was read; `heat_map` is a PNG as a data: URL, or "" when it was not asked for."""

    digit: DigitAnswer
    runner_up: int
    runner_up_probability: float
    sentence: str
    change: str
    heat_map: str


@dataclass(frozen=True)
class Tools:
    """The tools, and what they ask for their answers.

    Attributes:
        read: reads one encoded picture; raises PictureError for one that cannot be read.
        explain: reads one and explains the digit at an index; raises NoSuchDigitError, too.
    """

    read: Read
    explain: Explain

    def offer(self) -> None:
        """Add the tools to the Gradio blocks whose context is open."""
        for tool in (self.read_picture, self.explain_digit):
            api(tool, queue=False, concurrency_limit=None)

    # Gradio makes the tools' descriptions of these docstrings, and takes one line for each argument.

    async def read_picture(self, image: str, expect: Expect = "auto") -> PictureAnswer:
        """Read the handwritten digits in a picture: one digit, or a number from left to right.

        Takes drawings, scans and photographs, dark on light or light on dark. Says when something, such as a
        letter, does not look like a digit. Keeps nothing.

        Args:
            image: The picture itself: a PNG, JPEG or WebP in base64, plain or as a data: URL, not an address.
            expect: "digit": the picture is one digit; "number": read digits line by line; "auto": decide.

        Returns:
            the text read ("" if none), a sentence of how sure that is, and each digit with its probabilities.
        """
        with _told_to_the_caller():
            data = _check(image, expect)
            reading = await self.read(data, expect)
        digits = tuple(_answer_digit(digit) for digit in reading.digits)
        return PictureAnswer(reading.text, sentence=say_reading(reading), digits=digits)

    async def explain_digit(
        self, image: str, expect: Expect = "auto", index: int = 0, heat_map: bool = False
    ) -> ExplanationAnswer:
        """Tell why one handwritten digit in a picture was read as it was.

        Covers parts of the ink and reads again: tells the second most likely digit and which ink would have
        to be missing for another answer.

        Args:
            image: The picture itself: a PNG, JPEG or WebP in base64, plain or as a data: URL, not an address.
            expect: "digit": the picture is one digit; "number": read digits line by line; "auto": decide.
            index: Which digit, in reading order from 0.
            heat_map: Whether to give a PNG, too: orange ink speaks for the answer, blue ink against it.

        Returns:
            the digit, the runner-up, how sure it is, what would have to change, and the heat map.
        """
        with _told_to_the_caller():
            data = _check(image, expect)
            if type(index) is not int:
                raise ToolError("index: give a whole number")
            explanation = await self.explain(data, expect, index)
        return _answer_explanation(explanation, heat_map=heat_map)


def _check(image: object, expect: object) -> bytes:
    """Return the bytes of the picture. Gradio passes on whatever was sent.

    Raises:
        ToolError: an argument is of another kind than documented.
        PictureError: the image is not base64.
    """
    if not isinstance(image, str):
        raise ToolError("image: give the picture as text in base64")
    if expect not in get_args(Expect):
        raise ToolError(f"expect: give one of {', '.join(get_args(Expect))}")
    return decode_base64(image)


@contextmanager
def _told_to_the_caller() -> Iterator[None]:
    try:
        yield
    except ToolError:
        raise
    except (PictureError, NoSuchDigitError) as error:
        raise ToolError(str(error)) from error
    except Exception as error:  # MCP would send the text of any other
        _logger.exception("A tool failed")
        raise ToolError("the server made a mistake; it has been logged") from error


def _answer_digit(digit: Digit) -> DigitAnswer:
    return DigitAnswer(
        digit=digit.digit,
        confidence=round(digit.confidence, _DECIMALS),
        digit_score=round(digit.digit_score, _DECIMALS),
        accepted=digit.accepted,
        probabilities=tuple(round(probability, _DECIMALS) for probability in digit.probabilities),
        box=(digit.box.x, digit.box.y, digit.box.width, digit.box.height),
    )


def _answer_explanation(explanation: Explanation, *, heat_map: bool) -> ExplanationAnswer:
    png = draw_heat_map(explanation.digit.normalised, explanation.heat) if heat_map else b""
    return ExplanationAnswer(
        digit=_answer_digit(explanation.digit),
        runner_up=explanation.runner_up,
        runner_up_probability=round(explanation.runner_up_probability, _DECIMALS),
        sentence=explanation.sentence,
        change=explanation.change,
        heat_map=f"data:image/png;base64,{b64encode(png).decode()}" if png else "",
    )
