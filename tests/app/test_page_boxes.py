"""The boxes of a number's digits on the pad, and the digit that is chosen by them."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.recognition.reading import Box, Reading
from app.ui.presentation import present_reading
from tests.app.conftest import READING_URL, OpenPage
from tests.app.paper import count_ink, expect_ink
from tests.app.pen import DIGITS, Finger, Pen, Stroke, side_by_side
from tests.app.readings import make_digit

_NUMBER = side_by_side("42")
_HALF_PEN = 0.025  # of the pad's side
_TRIES = 40  # a twentieth of a second apart
_PLACES = """() => {
    const places = (selector) =>
        [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect().toJSON());
    return { boxes: places(".digit-box"), labels: places(".digit-box button") };
}"""


def _boxes(page: Page) -> Locator:
    return page.locator(".digit-box")


def _handle(page: Page, index: int) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^Digit {index} of"))


@pytest.fixture
def number(page: Page, pen: Pen) -> Page:
    """The page with 42 drawn and read."""
    pen.draw(_NUMBER)
    expect(page.locator("#answer")).to_have_text("42")
    return page


def test_single_digit_has_no_box(page: Page, pen: Pen) -> None:
    """A drawing of one digit is left alone."""
    pen.draw(DIGITS["4"])
    expect(page.locator("#answer")).to_have_text("4")
    expect(_boxes(page)).to_have_count(0)


def test_each_box_lies_around_its_digit(number: Page) -> None:
    """The boxes are where the digits were drawn, although the picture that is read has a margin."""
    for index, strokes in enumerate((_NUMBER[:2], _NUMBER[2:])):  # the 4 has two strokes
        points = [point for stroke in strokes for point in stroke]
        drawn = pytest.approx(
            [edge(point[axis] for point in points) for edge in (min, max) for axis in (0, 1)], abs=0.03
        )
        for _ in range(_TRIES):  # the 2 may be known before its end is drawn
            if _inked(number, index) == drawn:
                break
            number.wait_for_timeout(50)
        assert _inked(number, index) == drawn


def _inked(page: Page, index: int) -> list[float]:
    """Left, top, right and bottom of a box without half the pen's width, in shares of the pad's side."""
    pad, area = page.locator("#digit-pad canvas").bounding_box(), _boxes(page).nth(index).bounding_box()
    assert pad is not None
    assert area is not None
    left, top = (area["x"] - pad["x"]) / pad["width"], (area["y"] - pad["y"]) / pad["height"]
    right, bottom = left + area["width"] / pad["width"], top + area["height"] / pad["height"]
    return [left + _HALF_PEN, top + _HALF_PEN, right - _HALF_PEN, bottom - _HALF_PEN]


def test_box_tells_digit_and_confidence(number: Page) -> None:
    """Each box is a button whose name says which digit it is, and how sure."""
    expect(_handle(number, 1)).to_have_accessible_name(re.compile(r"^Digit 1 of 2: a 4, \d+ %$"))
    expect(_handle(number, 2)).to_have_text("2")


@pytest.mark.parametrize("top", [18, 60])
@pytest.mark.parametrize("gap", [4, 24])
def test_labels_cover_no_other_digit(page: Page, pen: Pen, top: int, gap: int) -> None:
    """However near to the edge and to each other lines are, labels hide no other digit and no other label."""
    boxes = [Box(40 + 20 * column, top + (50 + gap) * line, 15, 50) for line in (0, 1) for column in range(6)]
    digits = tuple(make_digit(1, box=box) for box in boxes)
    page.route(READING_URL, lambda route: route.fulfill(json=present_reading(Reading("1" * 12, digits))))
    pen.draw([[(0.9, 0.9)]])
    expect(_boxes(page)).to_have_count(12)
    places = page.evaluate(_PLACES)
    for index, label in enumerate(places["labels"]):
        others = [
            place for kind in ("boxes", "labels") for each, place in enumerate(places[kind]) if each != index
        ]
        assert not any(_overlap(label, other) for other in others)


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether two areas share more than the half pixel by which browsers round."""
    width = min(one["right"], other["right"]) - max(one["left"], other["left"])
    height = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return min(width, height) > 0.5


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_chosen_digit_is_shown_in_detail(number: Page, way: str) -> None:
    """A box that is clicked, or reached by keyboard, shows its digit's bars, and the caption says which."""
    for index, digit in ((2, "2"), (1, "4")):
        if way == "mouse":
            _handle(number, index).click()
        else:
            _handle(number, index).press("Enter")
        expect(_handle(number, index)).to_have_attribute("aria-pressed", "true")
        expect(number.locator("li[data-best] .reading-digit")).to_have_text(digit)
        expect(number.locator(".reading-bars figcaption")).to_contain_text(f"digit {index} of 2")


def test_finger_chooses_digit(phone: Page, finger: Finger) -> None:
    """A tap on a box chooses its digit, and leaves no ink."""
    finger.draw(_NUMBER)
    expect(phone.locator("#answer")).to_have_text("42")
    before = count_ink(phone)
    for index in (2, 1):
        _handle(phone, index).tap()
        expect(_handle(phone, index)).to_have_attribute("aria-pressed", "true")
    assert count_ink(phone) == before


def test_digits_of_a_number_can_be_reached_by_tab(number: Page) -> None:
    """From the pad, the tabulator goes to the boxes one after the other."""
    expect(_handle(number, 1)).to_be_visible()
    number.locator("#digit-pad canvas").focus()
    number.keyboard.press("Tab")
    expect(_handle(number, 1)).to_be_focused()
    number.keyboard.press("Tab")
    expect(_handle(number, 2)).to_be_focused()


def test_keyboard_keeps_its_place_when_the_boxes_go(number: Page) -> None:
    """Whoever clears the pad from a digit's button goes on at the pad."""
    _handle(number, 2).press("Escape")
    expect(_boxes(number)).to_have_count(0)
    expect(number.locator("#digit-pad canvas")).to_be_focused()


def test_least_sure_digit_is_chosen_first(page: Page, pen: Pen) -> None:
    """Before anyone chooses, the digit is shown that may be wrong, and the caption says so."""
    digits = (make_digit(1), make_digit(2, confidence=0.7), make_digit(3))
    page.route(READING_URL, lambda route: route.fulfill(json=present_reading(Reading("123", digits))))
    pen.draw(DIGITS["2"])
    expect(_handle(page, 2)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".reading-bars figcaption")).to_contain_text("digit 2 of 3, the lowest")


def test_what_is_no_digit_has_a_dashed_box(page: Page, pen: Pen) -> None:
    """A part that is no digit is marked as one, in its look and in its name."""
    digits = (make_digit(1), make_digit(8, accepted=False))
    page.route(READING_URL, lambda route: route.fulfill(json=present_reading(Reading("1", digits))))
    pen.draw(DIGITS["1"])
    expect(_boxes(page).nth(0)).to_have_css("border-style", "solid")
    expect(_boxes(page).nth(1)).to_have_css("border-style", "dashed")
    expect(_handle(page, 2)).to_have_accessible_name("Digit 2 of 2: not a digit, closest to an 8")


def test_boxes_are_hidden_while_the_pen_is_down(number: Page, pen: Pen) -> None:
    """During a stroke nothing lies over the drawing; afterwards the boxes come back."""
    pen.press((0.5, 0.05))
    expect(number.locator(".digit-boxes")).to_be_hidden()
    pen.lift()
    expect(_handle(number, 1)).to_be_visible()


@pytest.mark.parametrize("device", ["mouse", "finger"])
def test_pen_draws_through_boxes_and_from_their_buttons(open_page: OpenPage, device: str) -> None:
    """A stroke that starts in a box, or on a button, is drawn from where the pen was put down."""
    page = open_page(viewport={"width": 900, "height": 700}, has_touch=True)
    digits = (make_digit(1, box=Box(40, 100, 60, 80)), make_digit(2, box=Box(150, 100, 60, 80)))
    page.route(READING_URL, lambda route: route.fulfill(json=present_reading(Reading("12", digits))))
    pen = Pen(page) if device == "mouse" else Finger(page)
    pen.draw([[(0.9, 0.9)]])
    expect(_handle(page, 1)).to_be_visible()
    pad, button = page.locator("#digit-pad canvas").bounding_box(), _handle(page, 1).bounding_box()
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
        page.evaluate("() => new Promise(requestAnimationFrame)")
        drawn = (count_ink(page) - before) / pad["width"] ** 2
        assert drawn > 0.9 * 0.3 * 2 * _HALF_PEN
        page.keyboard.press("Control+z")
        expect_ink(page, some=True)
        expect(_handle(page, 1)).to_be_visible()
