"""The boxes of a number's digits on the pad, and the digit that they choose."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.recognition.reading import Box
from tests.app.conftest import OpenPage, next_frame, respond
from tests.app.readings import make_digit
from tests.app.ui.pen import DIGITS, Finger, Pen, Stroke, count_ink, expect_ink, side_by_side

pytestmark = pytest.mark.slow

_NUMBER = side_by_side("42")
_AROUND = 4  # pixels around the ink
_GET_PLACES = """(selector) =>
    [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect().toJSON())"""


def _boxes(page: Page) -> Locator:
    return page.locator(".digit-box")


def _button(page: Page, index: int) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^Digit {index} of"))


@pytest.fixture
def number(page: Page, pen: Pen) -> Page:
    """The page with 42 drawn and read."""
    pen.draw(_NUMBER)
    expect(page.locator("#answer")).to_have_text("42")
    return page


def test_single_digit_has_no_box(page: Page, pen: Pen) -> None:
    """A drawing of one digit has no boxes."""
    pen.draw(DIGITS["4"])
    expect(page.locator("#answer")).to_have_text("4")
    expect(_boxes(page)).to_have_count(0)


def test_box_surrounds_its_digit(number: Page) -> None:
    """Boxes surround the drawn digits, although the picture that is read has a margin."""
    number.wait_for_timeout(1000)  # the 2 may be read before its end is drawn
    pad = number.locator("#digit-pad canvas").bounding_box()
    assert pad is not None
    for area, strokes in zip(
        number.evaluate(_GET_PLACES, ".digit-box"), (_NUMBER[:2], _NUMBER[2:]), strict=True
    ):
        points = [point for stroke in strokes for point in stroke]
        drawn = [edge(point[axis] for point in points) for edge in (min, max) for axis in (0, 1)]
        box = [
            0.5 + (area["left"] + _AROUND - pad["x"] - pad["width"] / 2) / pad["height"],
            (area["top"] + _AROUND - pad["y"]) / pad["height"],
            0.5 + (area["right"] - _AROUND - pad["x"] - pad["width"] / 2) / pad["height"],
            (area["bottom"] - _AROUND - pad["y"]) / pad["height"],
        ]
        assert box == pytest.approx(drawn, abs=0.03)


def test_point_in_the_lowest_fifth_of_a_box_is_drawn(number: Page) -> None:
    """A tap beside the foot of a 4 chooses no digit, because points of numbers are there."""
    number.wait_for_timeout(1000)  # the 2 may be read before its end is drawn
    area, before = _boxes(number).first.bounding_box(), count_ink(number)
    assert area is not None
    number.mouse.click(area["x"] + 6, area["y"] + 0.92 * area["height"])
    next_frame(number)
    assert count_ink(number) > before


def test_chosen_digit_is_shown_in_detail(number: Page) -> None:
    """A click in a box, or a digit of the answer, chooses the digit; the details name it."""
    for where, digit in (("box", 2), ("box", 1), ("button", 2), ("key", 1)):
        if where == "box":
            _boxes(number).nth(digit - 1).click(position={"x": 3, "y": 3})
        elif where == "button":
            _button(number, digit).click()
        else:
            _button(number, 2).press("ArrowLeft")
        expect(_button(number, digit)).to_have_attribute("aria-pressed", "true")
        expect(_boxes(number).nth(digit - 1)).to_have_attribute("data-chosen", "")
        expect(number.locator(".choice-title")).to_have_text(
            re.compile(f"^Digit {digit} of 2: {'42'[digit - 1]}")
        )
        expect(number.locator("[data-best] .bar-digit")).to_have_text("42"[digit - 1])


def test_tap_in_a_box_leaves_no_ink(phone: Page) -> None:
    """A tap in a digit's box chooses it and draws nothing."""
    phone.get_by_role("button", name="Example: 42").tap()
    expect(_boxes(phone)).to_have_count(2)
    phone.wait_for_timeout(1000)  # the boxes appear, and the pen fits the drawing
    before = count_ink(phone)
    for index in (1, 0):
        _boxes(phone).nth(index).tap()
        expect(_button(phone, index + 1)).to_have_attribute("aria-pressed", "true")
    assert count_ink(phone) == before


def test_focus_moves_to_the_pad_when_boxes_disappear(number: Page) -> None:
    """After the pad is cleared from a digit's button, the focus is on the pad."""
    _button(number, 2).press("Escape")
    expect(_boxes(number)).to_have_count(0)
    expect(number.locator("#digit-pad canvas")).to_be_focused()


def test_least_confident_digit_is_chosen_first(page: Page, pen: Pen) -> None:
    """At first the digit with the lowest confidence is shown."""
    respond(page, "123", make_digit(1), make_digit(2, confidence=0.7), make_digit(3))
    pen.draw(DIGITS["2"])
    expect(_button(page, 2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".choice-title")).to_have_text("Digit 2 of 3: 2, 70 %")


def test_refused_digit_has_a_dashed_box(page: Page, pen: Pen) -> None:
    """A part that is not a digit is marked by its box, in the answer, and by the name of its button."""
    respond(page, "1", make_digit(1), make_digit(8, accepted=False))
    pen.draw(DIGITS["1"])
    expect(_boxes(page).nth(0)).to_have_css("border-style", "solid")
    expect(_boxes(page).nth(1)).to_have_css("border-style", "dashed")
    expect(page.locator("#answer")).to_have_text("1")
    expect(page.locator(".reading-verdict")).to_have_text("1; one sign was not read")
    expect(_button(page, 2)).to_have_accessible_name(re.compile("not a digit, closest to 8"))


def test_boxes_are_hidden_during_a_stroke(number: Page, pen: Pen) -> None:
    """While the pen is down, nothing covers the drawing; afterwards the boxes return."""
    pen.press((0.5, 0.05))
    expect(number.locator(".digit-boxes")).to_be_hidden()
    pen.lift()
    expect(_button(number, 1)).to_be_visible()


@pytest.mark.parametrize("device", [Pen, Finger])
def test_pen_draws_through_boxes(open_page: OpenPage, device: type[Pen]) -> None:
    """A stroke that starts in a box is drawn from where the pen was put down."""
    page = open_page(viewport={"width": 900, "height": 700}, has_touch=True)
    respond(page, "12", make_digit(1, box=Box(40, 100, 60, 80)), make_digit(2, box=Box(150, 100, 60, 80)))
    pen = device(page)
    pen.draw([[(0.9, 0.9)]])
    pad, box = page.locator("#digit-pad canvas").bounding_box(), _boxes(page).nth(0).bounding_box()
    page.wait_for_timeout(1000)  # the boxes appear, and the pen fits the drawing
    assert pad is not None
    assert box is not None
    start = (
        0.5 + (box["x"] + box["width"] / 2 - pad["x"] - pad["width"] / 2) / pad["height"],
        (box["y"] + 10 - pad["y"]) / pad["height"],
    )
    before = count_ink(page)
    stroke: Stroke = [start, (start[0], start[1] + 0.3)]
    pen.draw([stroke])
    page.wait_for_timeout(1000)
    drawn = (count_ink(page) - before) / pad["height"] ** 2
    assert drawn > 0.9 * 0.3 * 0.11 * 0.3  # the pen has a ninth of the stroke's height
    page.keyboard.press("Control+z")
    expect_ink(page, some=True)
