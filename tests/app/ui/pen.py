"""Draws digits on the page's pad, with the mouse or with a finger, and finds the ink on it."""

from collections.abc import Iterable, Sequence
from math import cos, hypot, radians, sin

from playwright.sync_api import FloatRect, Page

Point = tuple[float, float]
Stroke = Sequence[Point]

# Distance between two reported positions of the pen, in heights of the pad.
STEP = 0.05


def arc(centre: Point, *, radii: Point, start: float, end: float) -> list[Point]:
    """Return points on an ellipse from one angle to another, in degrees: 0 is right, 90 is down."""
    angles = [radians(start + (end - start) * step / 12) for step in range(13)]
    return [(centre[0] + radii[0] * cos(angle), centre[1] + radii[1] * sin(angle)) for angle in angles]


# Each digit's strokes, in a square with sides of 1. The 4 and the 5 are drawn in two strokes.
DIGITS: dict[str, tuple[Stroke, ...]] = {
    "0": (arc((0.5, 0.5), radii=(0.19, 0.31), start=-100, end=262),),
    "1": ([(0.52, 0.18), (0.48, 0.83)],),
    "2": (
        [
            *arc((0.49, 0.35), radii=(0.17, 0.17), start=195, end=380),
            (0.56, 0.57),
            (0.32, 0.81),
            (0.72, 0.81),
        ],
    ),
    "3": (
        arc((0.47, 0.34), radii=(0.18, 0.16), start=205, end=430)
        + arc((0.47, 0.65), radii=(0.21, 0.17), start=-80, end=150),
    ),
    "4": ([(0.42, 0.18), (0.3, 0.55), (0.7, 0.55)], [(0.61, 0.36), (0.57, 0.84)]),
    "5": (
        [(0.4, 0.2), (0.37, 0.47), *arc((0.48, 0.62), radii=(0.19, 0.19), start=250, end=500)],
        [(0.4, 0.2), (0.67, 0.19)],
    ),
    "6": ([(0.6, 0.17), (0.42, 0.38), *arc((0.5, 0.64), radii=(0.17, 0.18), start=180, end=545)],),
    "7": ([(0.3, 0.22), (0.7, 0.22), (0.55, 0.5), (0.44, 0.82)],),
    "8": (
        arc((0.5, 0.34), radii=(0.14, 0.15), start=90, end=-270)
        + arc((0.5, 0.66), radii=(0.17, 0.17), start=-90, end=270),
    ),
    "9": ([*arc((0.48, 0.36), radii=(0.16, 0.17), start=0, end=-360), (0.65, 0.4), (0.6, 0.83)],),
}


def side_by_side(number: str) -> list[Stroke]:
    """Return the strokes of a number in a square with sides of 1, its digits as wide as fit."""
    width = 0.94 / len(number)
    strokes: list[Stroke] = []
    for index, sign in enumerate(number):
        left, scale = 0.03 + (index + 0.5) * width, min(width / 0.62, 0.6 / 0.66)
        strokes += [
            [(left + (x - 0.5) * scale, 0.5 + (y - 0.5) * scale) for x, y in stroke]
            for stroke in DIGITS[sign]
        ]
    return strokes


def count_ink(page: Page) -> int:
    """Return the number of the pad's pixels that have ink."""
    count = page.evaluate(
        """() => {
            const canvas = document.querySelector("#digit-pad canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )
    return int(count)


def expect_ink(page: Page, *, some: bool) -> None:
    """Assert that the pad's next frame has ink, or none."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert (count_ink(page) > 0) == some


class Pen:
    """Draws in a square as high as the pad, in its middle. Points are in shares of the square's side."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._at: Point = (0.0, 0.0)
        self._pad = FloatRect(x=0, y=0, width=0, height=0)

    def draw(self, strokes: Iterable[Stroke]) -> None:
        """Draw each stroke from pen-down to pen-up."""
        for stroke in strokes:
            self.press(stroke[0])
            for point in stroke[1:]:
                self.move(point)
            self.lift()

    def press(self, point: Point) -> None:
        """Put the pen down. The pad must not move until it is lifted."""
        area = self._page.locator("#digit-pad canvas").bounding_box()
        if area is None:
            raise RuntimeError("the page has no digit pad")
        self._pad = area
        self._at = point
        self._press_at(point)

    def move(self, point: Point) -> None:
        """Move in a straight line, in steps as a pen reports them."""
        (start_x, start_y), (end_x, end_y) = self._at, point
        self._move_to(point, steps=max(1, round(hypot(end_x - start_x, end_y - start_y) / STEP)))
        self._at = point

    def lift(self) -> None:
        self._page.mouse.up()

    def _press_at(self, point: Point) -> None:
        self._move_to(point)
        self._page.mouse.down()

    def _move_to(self, point: Point, *, steps: int = 1) -> None:
        self._page.mouse.move(*self._on_page(point), steps=steps)

    def _on_page(self, point: Point) -> Point:
        pad, (x, y) = self._pad, point
        return pad["x"] + pad["width"] / 2 + (x - 0.5) * pad["height"], pad["y"] + y * pad["height"]


class Finger(Pen):
    """Draws by touch, in a browser context that has a touch screen."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._devtools = page.context.new_cdp_session(page)

    def lift(self) -> None:
        self._touch("touchEnd", [])

    def _press_at(self, point: Point) -> None:
        self._touch("touchStart", [self._on_page(point)])

    def _move_to(self, point: Point, *, steps: int = 1) -> None:
        (start_x, start_y), (end_x, end_y) = self._at, point
        for share in (step / steps for step in range(1, steps + 1)):
            place = start_x + (end_x - start_x) * share, start_y + (end_y - start_y) * share
            self._touch("touchMove", [self._on_page(place)])

    def _touch(self, kind: str, points: list[Point]) -> None:
        places = [{"x": x, "y": y} for x, y in points]
        self._devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
