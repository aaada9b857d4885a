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
_HALF_PEN = 0.025  # in shares of the pad's side
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
            (area["left"] - pad["x"]) / pad["width"] + _HALF_PEN,
            (area["top"] - pad["y"]) / pad["height"] + _HALF_PEN,
            (area["right"] - pad["x"]) / pad["width"] - _HALF_PEN,
            (area["bottom"] - pad["y"]) / pad["height"] - _HALF_PEN,
        ]
        assert box == pytest.approx(drawn, abs=0.03)


@pytest.mark.parametrize("top", [18, 60])
@pytest.mark.parametrize("gap", [4, 24])
def test_label_covers_no_other_digit(page: Page, pen: Pen, top: int, gap: int) -> None:
    """Labels cover no other digit or label, close to the edge and between close lines as well."""
    boxes = [Box(40 + 20 * column, top + (50 + gap) * line, 15, 50) for line in (0, 1) for column in range(6)]
    respond(page, "1" * 12, *(make_digit(1, box=box) for box in boxes))
    pen.draw([[(0.9, 0.9)]])
    expect(_boxes(page)).to_have_count(12)
    labels = page.evaluate(_GET_PLACES, ".digit-box button")
    for places in (labels, page.evaluate(_GET_PLACES, ".digit-box")):
        for index, label in enumerate(labels):
            assert not any(_overlap(label, other) for other in places[:index] + places[index + 1 :])


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Return whether two areas share more than the half pixel by which browsers round."""
    width = min(one["right"], other["right"]) - max(one["left"], other["left"])
    height = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return min(width, height) > 0.5


def test_chosen_digit_is_shown_in_detail(number: Page) -> None:
    """The button of a box names its digit and confidence, and shows its bars by mouse and by keyboard."""
    expect(_button(number, 1)).to_have_accessible_name(re.compile(r"^Digit 1 of 2: a 4, \d+ %$"))
    expect(_button(number, 2)).to_have_text("2")
    for index, digit, key in ((2, "2", None), (1, "4", None), (2, "2", "Enter")):
        _button(number, index).press(key) if key else _button(number, index).click()
        expect(_button(number, index)).to_have_attribute("aria-pressed", "true")
        expect(number.locator("li[data-best] .reading-digit")).to_have_text(digit)
        expect(number.locator(".reading-bars figcaption")).to_contain_text(f"digit {index} of 2")


def test_tap_chooses_digit(phone: Page) -> None:
    """A tap on a button chooses its digit and leaves no ink."""
    phone.get_by_role("button", name="Example: 42").tap()
    _button(phone, 2).tap()
    expect(_button(phone, 2)).to_have_attribute("aria-pressed", "true")
    before = count_ink(phone)
    _button(phone, 1).tap()
    expect(_button(phone, 1)).to_have_attribute("aria-pressed", "true")
    assert count_ink(phone) == before


def test_focus_moves_to_the_pad_when_boxes_disappear(number: Page) -> None:
    """After the pad is cleared from a digit's button, the focus is on the pad."""
    _button(number, 2).press("Escape")
    expect(_boxes(number)).to_have_count(0)
    expect(number.locator("#digit-pad canvas")).to_be_focused()


def test_least_confident_digit_is_chosen_first(page: Page, pen: Pen) -> None:
    """At first the digit with the lowest confidence is shown, and the caption says so."""
    respond(page, "123", make_digit(1), make_digit(2, confidence=0.7), make_digit(3))
    pen.draw(DIGITS["2"])
    expect(_button(page, 2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".reading-bars figcaption")).to_contain_text("digit 2 of 3, the lowest")


def test_refused_digit_has_a_dashed_box(page: Page, pen: Pen) -> None:
    """A part that is not a digit is marked by its box and by the name of its button."""
    respond(page, "1", make_digit(1), make_digit(8, accepted=False))
    pen.draw(DIGITS["1"])
    expect(_boxes(page).nth(0)).to_have_css("border-style", "solid")
    expect(_boxes(page).nth(1)).to_have_css("border-style", "dashed")
    expect(_button(page, 2)).to_have_accessible_name(re.compile("not a digit, closest to an 8"))


def test_boxes_are_hidden_during_a_stroke(number: Page, pen: Pen) -> None:
    """While the pen is down, nothing covers the drawing; afterwards the boxes return."""
    pen.press((0.5, 0.05))
    expect(number.locator(".digit-boxes")).to_be_hidden()
    pen.lift()
    expect(_button(number, 1)).to_be_visible()


@pytest.mark.parametrize("device", [Pen, Finger])
def test_pen_draws_through_boxes_and_buttons(open_page: OpenPage, device: type[Pen]) -> None:
    """A stroke that starts in a box or on a button is drawn from where the pen was put down."""
    page = open_page(viewport={"width": 900, "height": 700}, has_touch=True)
    respond(page, "12", make_digit(1, box=Box(40, 100, 60, 80)), make_digit(2, box=Box(150, 100, 60, 80)))
    pen = device(page)
    pen.draw([[(0.9, 0.9)]])
    expect(_button(page, 1)).to_be_visible()
    pad, button = page.locator("#digit-pad canvas").bounding_box(), _button(page, 1).bounding_box()
    assert pad is not None
    assert button is not None
    on_button = (
        (button["x"] + button["width"] / 2 - pad["x"]) / pad["width"],
        (button["y"] + button["height"] / 2 - pad["y"]) / pad["height"],
    )
    for start in (on_button, (0.3, 0.6)):
        before = count_ink(page)
        stroke: Stroke = [start, (start[0], start[1] + 0.3)]
        pen.draw([stroke])
        next_frame(page)
        drawn = (count_ink(page) - before) / pad["width"] ** 2
        assert drawn > 0.9 * 0.3 * 2 * _HALF_PEN
        page.keyboard.press("Control+z")
        expect_ink(page, some=True)
        expect(_button(page, 1)).to_be_visible()
