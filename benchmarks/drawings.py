"""Drawings of 280x280 pixels whose answer is known, and the bodies that send them."""

import base64
import io
import json
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

from tests.app.pen import DIGITS, Stroke, side_by_side

SIDE = 280  # pixels
_PEN = 0.06  # of the side
_FINER = 4  # drawn so much larger, then shrunk: soft edges, as a canvas draws them
_NUMBERS = ("42", "1789", "305")


@dataclass(frozen=True)
class Drawing:
    """A drawing, dark on light.

    Attributes:
        text: what is drawn.
        png: the picture, grey.
    """

    text: str
    png: bytes

    @property
    def base64(self) -> str:
        """The picture as the API takes it."""
        return base64.b64encode(self.png).decode()

    @property
    def body(self) -> bytes:
        """The JSON body of a request for its reading."""
        expect = "digit" if len(self.text) == 1 else "number"
        return json.dumps({"image": self.base64, "expect": expect}).encode()


@cache
def draw_digits() -> tuple[Drawing, ...]:
    """The ten digits, one drawing each."""
    return tuple(Drawing(digit, _draw(DIGITS[digit])) for digit in sorted(DIGITS))


@cache
def draw_numbers() -> tuple[Drawing, ...]:
    """Some numbers of several digits."""
    return tuple(Drawing(number, _draw(side_by_side(number))) for number in _NUMBERS)


def _draw(strokes: tuple[Stroke, ...] | list[Stroke]) -> bytes:
    side = SIDE * _FINER
    radius = side * _PEN / 2
    image = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = [(x * side, y * side) for x, y in stroke]
        pen.line(points, fill=0, width=round(2 * radius), joint="curve")
        for point in points:
            pen.circle(point, radius, fill=0)
    buffer = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.BOX).save(buffer, "PNG")
    return buffer.getvalue()
