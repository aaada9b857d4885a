"""Drawings of known digits and numbers, 280x280 pixels, and request bodies with them."""

import base64
import io
import json
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

from tests.app.ui.pen import DIGITS, Stroke, side_by_side

SIDE = 280  # pixels
_PEN = 0.06  # width, in shares of the side
_SCALE = 4  # of the first drawing, which is reduced for soft edges
_NUMBERS = ("42", "1789", "305")


@dataclass(frozen=True)
class Drawing:
    """A drawing, dark on light.

    Attributes:
        text: its digits.
        png: the greyscale picture.
    """

    text: str
    png: bytes

    @property
    def base64(self) -> str:
        """The picture in base64, as in the JSON API."""
        return base64.b64encode(self.png).decode()

    @property
    def body(self) -> bytes:
        """The JSON body of a request to /api/predict."""
        expect = "digit" if len(self.text) == 1 else "number"
        return json.dumps({"image": self.base64, "expect": expect}).encode()


@cache
def draw_digits() -> tuple[Drawing, ...]:
    """Return a drawing of each digit."""
    return tuple(Drawing(digit, _draw(DIGITS[digit])) for digit in sorted(DIGITS))


@cache
def draw_numbers() -> tuple[Drawing, ...]:
    """Return drawings of some numbers."""
    return tuple(Drawing(number, _draw(side_by_side(number))) for number in _NUMBERS)


def _draw(strokes: tuple[Stroke, ...] | list[Stroke]) -> bytes:
    side = SIDE * _SCALE
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
