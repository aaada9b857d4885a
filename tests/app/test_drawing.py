"""Drawing on the pad, and what is read while one draws, in a real browser."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.app.conftest import READING_URL
from tests.app.paper import expect_ink
from tests.app.pen import DIGITS, Finger, Pen, Point


@pytest.mark.parametrize("digit", DIGITS)
def test_mouse_draws_digit_that_is_read(page: Page, pen: Pen, digit: str) -> None:
    """A digit drawn with the mouse is the text of the answer."""
    pen.draw(DIGITS[digit])
    expect(page.locator("#answer")).to_have_text(digit)


@pytest.mark.parametrize("digit", ["0", "1", "4", "7"])
def test_finger_draws_digit_that_is_read(phone: Page, finger: Finger, digit: str) -> None:
    """A digit drawn with a finger on a phone is the text of the answer."""
    finger.draw(DIGITS[digit])
    expect(phone.locator("#answer")).to_have_text(digit)


def test_first_touch_draws(phone: Page, finger: Finger) -> None:
    """The very first touch leaves ink, with no tool to be chosen before."""
    expect_ink(phone, some=False)
    finger.press((0.5, 0.5))
    expect_ink(phone, some=True)
    finger.lift()


def test_answer_changes_before_pen_is_lifted(page: Page, pen: Pen) -> None:
    """What is drawn is read while the pen is still down."""
    pen.press((0.3, 0.22))
    for point in DIGITS["7"][0][1:]:
        pen.move(point)
    expect(page.locator("#answer")).to_have_text("7")
    pen.lift()


def test_last_drawing_is_read_when_an_answer_is_late(page: Page, pen: Pen) -> None:
    """What was drawn while an answer was on its way is read as soon as that answer is there."""
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(READING_URL, hold_first)
    with page.expect_request(READING_URL):
        pen.press((0.3, 0.22))
    for point in DIGITS["7"][0][1:]:
        pen.move(point)
    pen.lift()
    held[0].continue_()
    expect(page.locator("#answer")).to_have_text("7")


def test_late_answer_does_not_fill_a_cleared_pad(page: Page, pen: Pen) -> None:
    """An answer that comes after the pad was cleared is not shown."""
    held: list[Route] = []
    page.route(READING_URL, lambda route: held.append(route))
    with page.expect_request(READING_URL):
        pen.press((0.5, 0.2))
    pen.lift()
    page.keyboard.press("Escape")
    with page.expect_response(READING_URL):
        held[0].continue_()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(page.locator(".reading")).to_have_attribute("data-state", "empty")


def test_undo_takes_back_one_stroke(page: Page, pen: Pen) -> None:
    """Undo, by button and by keys, takes back the last stroke and reads what is left."""
    pen.draw(DIGITS["1"])
    expect(page.locator("#answer")).to_have_text("1")
    scribble = [[(0.2, 0.2), (0.8, 0.8), (0.2, 0.8), (0.8, 0.2)]]
    pen.draw(scribble)
    expect(page.locator("#answer")).not_to_have_text("1")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#answer")).to_have_text("1")
    pen.draw(scribble)
    expect(page.locator("#answer")).not_to_have_text("1")
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("1")


@pytest.mark.parametrize("key", ["Escape", "Delete"])
def test_clear_empties_pad_and_can_be_undone(page: Page, pen: Pen, key: str) -> None:
    """Keys empty pad and answer, and undo brings both back."""
    pen.draw(DIGITS["1"])
    expect(page.locator("#answer")).to_have_text("1")
    page.keyboard.press(key)
    expect(page.locator("#answer")).to_have_text("")
    expect_ink(page, some=False)
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("1")
    expect_ink(page, some=True)


@pytest.mark.parametrize("name", ["Example: 42", "Why?"])
def test_escape_clears_the_pad_from_anywhere(page: Page, name: str) -> None:
    """The key works wherever a click has left the keyboard, beside the pad as well."""
    page.get_by_role("button", name="Example: 42").click()
    expect(page.locator("#answer")).to_have_text("42")
    page.get_by_role("button", name=name).click()
    page.keyboard.press("Escape")
    expect(page.locator("#answer")).to_have_text("")
    expect_ink(page, some=False)


def test_clear_button_empties_pad(phone: Page, finger: Finger) -> None:
    """The button empties pad and answer, and then has nothing more to do."""
    finger.draw(DIGITS["0"])
    expect(phone.locator("#answer")).to_have_text("0")
    clear = phone.get_by_role("button", name="Clear")
    clear.tap()
    expect(phone.locator("#answer")).to_have_text("")
    expect(clear).to_be_disabled()


def test_keyboard_keeps_its_place_when_the_pad_is_cleared(page: Page, pen: Pen) -> None:
    """A button that has nothing more to do hands the keyboard back to the pad."""
    pen.draw(DIGITS["7"])
    page.locator("[data-action=clear]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#digit-pad canvas")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("7")


def test_keys_typed_elsewhere_leave_the_drawing(page: Page, pen: Pen) -> None:
    """Escape and Ctrl+Z in a text field are that field's own."""
    pen.draw(DIGITS["1"])
    expect(page.locator("#answer")).to_have_text("1")
    page.evaluate("() => document.body.append(document.createElement('input'))")
    page.locator("body > input").focus()
    for key in ("Escape", "Delete", "Control+z"):
        page.keyboard.press(key)
    expect_ink(page, some=True)
    expect(page.locator("#answer")).to_have_text("1")


def test_tap_makes_dot(page: Page, pen: Pen) -> None:
    """A tap without a move leaves a dot as wide as the pen."""
    pen.draw([[(0.5, 0.5)]])
    expect_ink(page, some=True)


@pytest.mark.parametrize("corner", [(0.005, 0.005), (0.995, 0.995)])
def test_pen_draws_in_the_very_corner(page: Page, pen: Pen, corner: Point) -> None:
    """There is no dead spot on the canvas, although the paper's corners are round."""
    pen.draw([[corner]])
    expect_ink(page, some=True)


def test_second_finger_does_not_draw(phone: Page, finger: Finger) -> None:
    """While one pointer draws, another (a resting palm) does not."""
    finger.press((0.5, 0.2))
    expect_ink(phone, some=True)
    phone.locator("#digit-pad canvas").dispatch_event(
        "pointerdown", {"pointerId": 99, "button": 0, "clientX": 60, "clientY": 300}
    )
    finger.move((0.5, 0.8))
    finger.lift()
    expect(phone.locator("#answer")).to_have_text("1")


def test_page_does_not_scroll_under_the_finger(phone: Page, finger: Finger) -> None:
    """A swipe over the pad draws, whereas the same swipe beside it scrolls the page."""
    phone.set_viewport_size({"width": 390, "height": 500})
    finger.draw([[(0.5, 0.8), (0.5, 0.2)]])
    assert phone.evaluate("scrollY") == 0
    finger.draw([[(0.5, 1.15), (0.5, 0.3)]])
    phone.wait_for_function("scrollY > 0")


def test_drawing_is_kept_when_resized(page: Page, pen: Pen) -> None:
    """A drawing made on a wide screen is still there, and is read the same, on a narrow one."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    before = page.evaluate("document.querySelector('#digit-pad canvas').width")
    page.set_viewport_size({"width": 320, "height": 640})
    page.wait_for_function(f"document.querySelector('#digit-pad canvas').width < {before}")
    expect_ink(page, some=True)
    pen.draw([[(0.5, 0.5)]])
    expect(page.locator("#answer")).to_have_text("7")


def test_no_stroke_is_lost_when_the_browser_refuses_to_capture_the_pen(page: Page, pen: Pen) -> None:
    """What is drawn on the pad is read, and after a pen that was lifted elsewhere the next one draws."""
    page.evaluate("""() => {
        Element.prototype.setPointerCapture = () => { throw new DOMException("", "NotFoundError"); };
    }""")
    pen.press((0.5, 0.5))
    pen.move((1.2, 0.5))
    pen.lift()
    page.get_by_role("button", name="Clear").click()
    pen.draw(DIGITS["3"])
    expect(page.locator("#answer")).to_have_text("3")
