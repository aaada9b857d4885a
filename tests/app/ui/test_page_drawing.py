"""Drawing on the pad: readings while drawing, undo and redo, the eraser, keys and touch."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.app.conftest import READING_URL, next_frame
from tests.app.handwriting import write_strokes
from tests.app.ui.pen import DIGITS, Finger, Pen, Point, count_ink, expect_ink

pytestmark = pytest.mark.slow

_SCRIBBLE = [[(0.2, 0.2), (0.8, 0.8), (0.2, 0.8), (0.8, 0.2)]]


def test_drawing_with_the_mouse_is_read(page: Page, pen: Pen) -> None:
    """Digits and numbers drawn with the mouse, one after the other, are the text of the answer."""
    for number in (*DIGITS, "318"):
        pen.draw(DIGITS.get(number) or write_strokes(number, seed=int(number)))
        expect(page.locator("#answer")).to_have_text(number)
        page.keyboard.press("Escape")
        expect_ink(page, some=False)


def test_drawing_with_a_finger_is_read(phone: Page, finger: Finger) -> None:
    """Digits and numbers drawn with a finger on a phone are the text of the answer."""
    for number in ("4", "350"):
        finger.draw(DIGITS.get(number) or write_strokes(number, seed=int(number)))
        expect(phone.locator("#answer")).to_have_text(number)
        phone.get_by_role("button", name="Clear").tap()
        expect_ink(phone, some=False)


def test_answer_changes_before_the_pen_is_lifted(page: Page, pen: Pen) -> None:
    """A drawing is read while the pen is still down."""
    pen.press((0.3, 0.22))
    for point in DIGITS["7"][0][1:]:
        pen.move(point)
    expect(page.locator("#answer")).to_have_text("7")
    pen.lift()


def test_last_drawing_is_read_after_a_late_response(page: Page, pen: Pen) -> None:
    """A drawing that was finished during a request is read as soon as the response arrives."""
    held: list[Route] = []
    page.route(READING_URL, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(READING_URL):
        pen.press((0.3, 0.22))
    for point in DIGITS["7"][0][1:]:
        pen.move(point)
    pen.lift()
    held[0].continue_()
    expect(page.locator("#answer")).to_have_text("7")


def test_late_response_is_not_shown_on_a_cleared_pad(page: Page, pen: Pen) -> None:
    """A response that arrives after the pad was cleared is dropped."""
    held: list[Route] = []
    page.route(READING_URL, lambda route: held.append(route))
    with page.expect_request(READING_URL):
        pen.press((0.5, 0.2))
    pen.lift()
    page.keyboard.press("Escape")
    with page.expect_response(READING_URL):
        held[0].continue_()
    next_frame(page)
    expect(page.locator(".reading")).to_have_attribute("data-state", "empty")


def test_stroke_is_undone_and_redone(page: Page, pen: Pen) -> None:
    """Buttons and keys undo and redo the last stroke."""
    pen.draw(DIGITS["1"])
    pen.draw(_SCRIBBLE)
    next_frame(page)
    whole = count_ink(page)
    for keys in (None, "Control+y", "Control+Shift+z"):
        for name, key in (("Undo", "Control+z" if keys else None), ("Redo", keys)):
            page.keyboard.press(key) if key else page.get_by_role("button", name=name).click()
            next_frame(page)
            assert (count_ink(page) == whole) == (name == "Redo")
            if name == "Undo":
                expect(page.locator("#answer")).to_have_text("1")
        expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_new_stroke_drops_undone_strokes(page: Page, pen: Pen) -> None:
    """After another stroke, undone strokes cannot be redone."""
    pen.draw(DIGITS["7"])
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    pen.draw(DIGITS["1"])
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()
    page.keyboard.press("Control+y")
    expect(page.locator("#answer")).to_have_text("1")


def test_undo_during_a_stroke_ends_it(page: Page, pen: Pen) -> None:
    """Undo removes the stroke under the pen, and moving on draws nothing."""
    pen.press((0.2, 0.5))
    pen.move((0.4, 0.5))
    page.keyboard.press("Control+z")
    pen.move((0.8, 0.5))
    pen.lift()
    expect_ink(page, some=False)
    pen.draw(_SCRIBBLE)
    expect_ink(page, some=True)


@pytest.mark.parametrize("key", ["Escape", "Delete"])
def test_key_clears_the_pad_from_anywhere(page: Page, key: str) -> None:
    """Keys clear pad and answer, with the focus beside the pad as well; undo restores both."""
    page.get_by_role("button", name="Example: 42").click()
    expect(page.locator("#answer")).to_have_text("42")
    page.get_by_role("button", name="Why?").click()
    page.keyboard.press(key)
    expect(page.locator("#answer")).to_have_text("")
    expect_ink(page, some=False)
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("42")


def test_clear_button_clears_the_pad(phone: Page, finger: Finger) -> None:
    """The button clears the pad and is then disabled; the keyboard focus moves to the pad."""
    finger.draw(DIGITS["0"])
    expect(phone.locator("#answer")).to_have_text("0")
    clear = phone.get_by_role("button", name="Clear")
    clear.focus()
    clear.press("Enter")
    expect(phone.locator("#answer")).to_have_text("")
    expect(clear).to_be_disabled()
    expect(phone.locator("#digit-pad canvas")).to_be_focused()


def test_keys_in_a_text_field_leave_the_drawing(page: Page, pen: Pen) -> None:
    """Escape, Delete and Ctrl+Z in a text field do not change the pad."""
    pen.draw(DIGITS["1"])
    page.evaluate("() => document.body.append(document.createElement('input'))")
    page.locator("body > input").focus()
    for key in ("Escape", "Delete", "Control+z"):
        page.keyboard.press(key)
    expect_ink(page, some=True)
    expect(page.locator("#answer")).to_have_text("1")


def test_eraser_removes_the_strokes_that_it_touches(page: Page, pen: Pen) -> None:
    """The eraser removes whole strokes that it touches and leaves the others."""
    pen.draw(DIGITS["1"])
    pen.draw([[(0.1, 0.1), (0.1, 0.9), (0.3, 0.9)], [(0.9, 0.2), (0.9, 0.8)]])
    expect(page.locator("#answer")).not_to_have_text("1")
    page.get_by_role("button", name="Eraser").click()
    pen.draw([[(0.05, 0.5), (0.15, 0.5)], [(0.85, 0.5), (0.95, 0.5)]])
    expect(page.locator("#answer")).to_have_text("1")


def test_fast_eraser_skips_no_stroke(page: Page, pen: Pen) -> None:
    """Strokes between two reported positions are erased; an empty pad switches the eraser off."""
    pen.draw(DIGITS["1"])
    eraser = page.get_by_role("button", name="Eraser")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    pen.press((0.1, 0.5))
    area = page.locator("#digit-pad canvas").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] / 2 + 0.4 * area["height"], area["y"] + 0.5 * area["height"])
    pen.lift()
    expect_ink(page, some=False)
    expect(eraser).to_have_attribute("aria-pressed", "false")
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")


def test_erased_stroke_is_restored_by_undo(phone: Page, finger: Finger) -> None:
    """A finger erases as well, and undo restores the stroke; erasing nothing adds no step to undo."""
    finger.draw([*DIGITS["7"], [(0.2, 0.9), (0.8, 0.9)]])
    next_frame(phone)
    whole = count_ink(phone)
    phone.get_by_role("button", name="Eraser").tap()
    finger.draw([[(0.5, 0.95), (0.5, 0.85)]])
    next_frame(phone)
    assert 0 < count_ink(phone) < whole
    expect(phone.locator("#answer")).to_have_text("7")
    finger.draw([[(0.05, 0.05), (0.1, 0.1)]])
    phone.get_by_role("button", name="Undo").tap()
    next_frame(phone)
    assert count_ink(phone) == whole


@pytest.mark.parametrize("point", [(0.5, 0.5), (-0.07, 0.005), (1.07, 0.995)])
def test_tap_draws_a_dot(phone: Page, finger: Finger, point: Point) -> None:
    """The first tap draws, with no tool to choose before, in the rounded corners of the paper as well."""
    expect_ink(phone, some=False)
    finger.press(point)
    expect_ink(phone, some=True)
    finger.lift()


def test_second_finger_does_not_draw(phone: Page, finger: Finger) -> None:
    """While one pointer draws, another one (a resting palm) does not."""
    finger.press((0.5, 0.2))
    expect_ink(phone, some=True)
    phone.locator("#digit-pad canvas").dispatch_event(
        "pointerdown", {"pointerId": 99, "button": 0, "clientX": 60, "clientY": 300}
    )
    finger.move((0.5, 0.8))
    finger.lift()
    expect(phone.locator("#answer")).to_have_text("1")


def test_finger_on_the_pad_does_not_scroll(phone: Page, finger: Finger) -> None:
    """A swipe over the pad draws; the same swipe beside it scrolls the page."""
    phone.set_viewport_size({"width": 390, "height": 500})
    finger.draw([[(0.5, 0.8), (0.5, 0.2)]])
    assert phone.evaluate("scrollY") == 0
    finger.draw([[(0.5, 1.15), (0.5, 0.3)]])
    phone.wait_for_function("scrollY > 0")


def test_drawing_survives_a_resize(page: Page, pen: Pen) -> None:
    """A drawing made on a wide screen is drawn and read the same on a narrow one."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    before = page.evaluate("document.querySelector('#digit-pad canvas').width")
    page.set_viewport_size({"width": 320, "height": 640})
    page.wait_for_function(f"document.querySelector('#digit-pad canvas').width < {before}")
    expect_ink(page, some=True)
    pen.draw([[(0.5, 0.5)]])
    expect(page.locator("#answer")).to_have_text("7")


def test_refused_pointer_capture_loses_no_stroke(page: Page, pen: Pen) -> None:
    """After a pen that the browser did not capture is lifted beside the pad, the next stroke draws."""
    page.evaluate("""() => {
        Element.prototype.setPointerCapture = () => { throw new DOMException("", "NotFoundError"); };
    }""")
    pen.press((0.5, 0.5))
    pen.move((1.2, 0.5))
    pen.lift()
    page.get_by_role("button", name="Clear").click()
    pen.draw(DIGITS["3"])
    expect(page.locator("#answer")).to_have_text("3")


def test_reading_is_calm(page: Page) -> None:
    """While a 5 is written, no refusal is shown; the sentence appears once, when the pen rests."""
    page.evaluate(
        """() => {
            const parts = ["#answer", ".reading-verdict"].map((name) => document.querySelector(name));
            window.seen = [];
            const reading = document.querySelector(".reading");
            const look = () => seen.push([reading.dataset.state, parts[1].textContent]);
            for (const part of parts) new MutationObserver(look).observe(part, { childList: true });
        }"""
    )
    pen = Pen(page)
    for stroke in DIGITS["5"]:
        pen.press(stroke[0])
        for point in stroke[1:]:
            pen.move(point)
            page.wait_for_timeout(30)
        pen.lift()
    expect(page.locator(".reading-verdict")).to_contain_text("5")
    seen = page.evaluate("seen")
    assert "doubtful" not in {state for state, _ in seen}
    assert len({sentence for _, sentence in seen} - {""}) == 1
