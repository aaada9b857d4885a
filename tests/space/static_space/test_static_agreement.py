"""Browser and server read the same ink with the same result."""

from base64 import b64decode
from dataclasses import asdict

import numpy as np
import pytest
from playwright.sync_api import Page

from app.recognition.image.ink import extract_ink
from app.recognition.image.picture import decode_picture, open_picture, picture_of_pixels
from app.recognition.recognizer import Recognizer
from tests.app.handwriting import write_strokes
from tests.app.ui.pen import DIGITS, Stroke, side_by_side
from tests.conftest import Digits
from tests.pictures import enlarge
from tests.space.static_space.read_inks import READ_STROKES, read_inks

pytestmark = pytest.mark.slow

_COUNT = 100
_TOLERANCE = 1e-3
_LINE_TOLERANCE = 0.01
_BOX_TOLERANCE = 1  # pixel
_SIDES = (28, 56, 96, 160, 300)  # of the picture, in pixels: smaller and larger than the reader's drawing
_POINT: Stroke = [(0.5, 0.79), (0.505, 0.79)]
_SLASH: Stroke = [(0.52, 0.2), (0.48, 0.8)]
_LETTER: list[Stroke] = [[(0.65, 0.45), (0.72, 0.15), (0.79, 0.45)], [(0.67, 0.36), (0.77, 0.36)]]  # A


def _move(strokes: list[Stroke], *, by: tuple[float, float], scale: float) -> list[Stroke]:
    return [[(scale * x + by[0], scale * y + by[1]) for x, y in stroke] for stroke in strokes]


_DRAWINGS: dict[str, list[Stroke]] = {
    "a digit": side_by_side("7"),
    "a number": write_strokes("31849", seed=2),
    "touching digits": _move(side_by_side("80"), by=(0.1, 0.1), scale=0.4),
    "a point": [*side_by_side("36"), _POINT],
    "a slash": [*write_strokes("72", seed=1), _SLASH],
    "a wide gap": [
        *_move(write_strokes("2", seed=1), by=(-0.4, 0), scale=0.6),
        [(0.4, 0.44), (0.4, 0.45)],
        *_move(write_strokes("5", seed=2), by=(0.7, 0), scale=0.6),
    ],
    "a letter": [*_move(write_strokes("23", seed=1), by=(0, 0), scale=0.6), *_LETTER],
    "two lines": [
        *_move(write_strokes("385", seed=3), by=(0.05, 0), scale=0.6),
        *_move(write_strokes("1905", seed=4), by=(0.2, 0.4), scale=0.6),
    ],
    "a rising line": [
        [(x, 0.5 * y + 0.4 - 0.3 * x) for x, y in stroke] for stroke in write_strokes("24680", seed=5)
    ],
    "a frame": [
        *_move(write_strokes("609", seed=6), by=(0.2, 0.2), scale=0.6),
        [(0.12, 0.3), (0.88, 0.31), (0.87, 0.72), (0.13, 0.7), (0.12, 0.3)],
    ],
    "no digit": [[(0.1, 0.5), (0.3, 0.2), (0.5, 0.8), (0.7, 0.2), (0.9, 0.5)], _POINT],
}


def test_browser_and_server_read_digits_alike(
    shared_page: Page, digits: Digits, recognizer: Recognizer
) -> None:
    """100 real digits in five sizes have the same digit, and the same probabilities within 0.001."""
    pictures = [
        picture_of_pixels(255 - enlarge(image, side=_SIDES[index % len(_SIDES)]))
        for index, image in enumerate(digits.images[:_COUNT])
    ]
    server = [recognizer.read(picture, expect="digit").digits[0] for picture in pictures]
    browser = read_inks(shared_page, [extract_ink(picture) for picture in pictures])
    for digit, prediction in zip(server, browser, strict=True):
        assert digit.digit == np.argmax(prediction.probabilities)
        assert prediction.probabilities == pytest.approx(digit.probabilities, abs=_TOLERANCE)
        assert prediction.digit_score == pytest.approx(digit.digit_score, abs=_TOLERANCE)


@pytest.mark.parametrize("name", _DRAWINGS)
def test_browser_and_server_read_lines_alike(shared_page: Page, recognizer: Recognizer, name: str) -> None:
    """A drawing has the same text, digits, marks and lines, and the same probabilities within 0.01."""
    strokes = [[list(point) for point in stroke] for stroke in _DRAWINGS[name]]
    drawing = shared_page.evaluate(READ_STROKES, strokes)
    picture = decode_picture(open_picture(b64decode(drawing["url"].split(",")[1]), max_pixels=1_000_000))
    server, browser = recognizer.read(picture).to_json(), drawing["reading"]
    for field in ("text", "written"):
        assert browser[field] == server[field]
    for field, exact in (("digits", ("digit", "accepted", "line")), ("marks", ("mark", "line"))):
        for theirs, ours in zip(server[field], browser[field], strict=True):
            assert [ours[key] for key in exact] == [theirs[key] for key in exact]
            assert ours["box"] == pytest.approx(theirs["box"], abs=_BOX_TOLERANCE)
            for key in {"confidence", "probabilities", "digit_score"} & theirs.keys():
                assert ours[key] == pytest.approx(theirs[key], abs=_LINE_TOLERANCE)


@pytest.mark.parametrize("digit", ["4", "6", "7", "9"])
def test_browser_and_server_explain_alike(shared_page: Page, recognizer: Recognizer, digit: str) -> None:
    """The runner-up and what would change the reading are the same."""
    strokes = [[list(point) for point in stroke] for stroke in DIGITS[digit]]
    drawing = shared_page.evaluate(READ_STROKES, strokes)
    picture = decode_picture(open_picture(b64decode(drawing["url"].split(",")[1]), max_pixels=1_000_000))
    server = recognizer.explain(picture, expect="digit")
    browser = shared_page.evaluate(
        """async ([digit]) => {
            const load = (name) => import(new URL(`page/${name}.js`, document.baseURI));
            const modules = await Promise.all(["explanation", "reading"].map(load));
            const [{ explainDigit }, { makeReading }] = modules;
            const read = async (ink) => makeReading(await strokeReader.read({ ink })).digits[0];
            return explainDigit(digit, read);
        }""",
        drawing["reading"]["digits"],
    )
    assert browser["runner_up"] == server.runner_up
    assert browser["change"] == asdict(server.change)
