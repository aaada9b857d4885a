"""Going back and forth on the pad, and the eraser."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.paper import count_ink, expect_ink
from tests.app.pen import DIGITS, Finger, Pen

_SCRIBBLE = [[(0.2, 0.2), (0.8, 0.8), (0.2, 0.8), (0.8, 0.2)]]


@pytest.mark.parametrize("keys", [None, "Control+y", "Control+Shift+z"])
def test_redo_brings_back_what_undo_took(page: Page, pen: Pen, keys: str | None) -> None:
    """Redo, by button and by either keys, puts the stroke back that was taken."""
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("")
    if keys:
        page.keyboard.press(keys)
    else:
        page.get_by_role("button", name="Redo").click()
    expect(page.locator("#answer")).to_have_text("7")
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_new_stroke_leaves_nothing_to_redo(page: Page, pen: Pen) -> None:
    """After another stroke there is no way forth to what was undone."""
    pen.draw(DIGITS["7"])
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    pen.draw(DIGITS["1"])
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()
    page.keyboard.press("Control+y")
    expect(page.locator("#answer")).to_have_text("1")


def test_eraser_removes_the_strokes_it_touches(page: Page, pen: Pen) -> None:
    """The eraser takes a whole stroke where it passes, and leaves the others."""
    pen.draw(DIGITS["1"])
    pen.draw([[(0.1, 0.1), (0.1, 0.9), (0.3, 0.9)], [(0.9, 0.2), (0.9, 0.8)]])
    expect(page.locator("#answer")).not_to_have_text("1")
    page.get_by_role("button", name="Eraser").click()
    pen.draw([[(0.05, 0.5), (0.15, 0.5)], [(0.85, 0.5), (0.95, 0.5)]])
    expect(page.locator("#answer")).to_have_text("1")


def test_fast_eraser_jumps_over_no_stroke(page: Page, pen: Pen) -> None:
    """What lies between two places where the eraser was noticed is erased as well."""
    pen.draw(DIGITS["1"])
    page.get_by_role("button", name="Eraser").click()
    pen.press((0.1, 0.5))
    area = page.locator("#digit-pad canvas").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + 0.9 * area["width"], area["y"] + 0.5 * area["height"])
    pen.lift()
    expect_ink(page, some=False)


def test_finger_erases_and_undo_brings_it_back(phone: Page, finger: Finger) -> None:
    """By touch as well, and what was erased can be had back."""
    finger.draw([*DIGITS["7"], [(0.2, 0.9), (0.8, 0.9)]])
    phone.evaluate("() => new Promise(requestAnimationFrame)")
    whole = count_ink(phone)
    phone.get_by_role("button", name="Eraser").tap()
    finger.draw([[(0.5, 0.95), (0.5, 0.85)]])
    phone.evaluate("() => new Promise(requestAnimationFrame)")
    assert 0 < count_ink(phone) < whole
    expect(phone.locator("#answer")).to_have_text("7")
    phone.get_by_role("button", name="Undo").tap()
    phone.evaluate("() => new Promise(requestAnimationFrame)")
    assert count_ink(phone) == whole


def test_eraser_is_laid_down_when_nothing_is_left(page: Page, pen: Pen) -> None:
    """On an empty pad the next stroke draws."""
    pen.draw(DIGITS["1"])
    eraser = page.get_by_role("button", name="Eraser")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    pen.draw([[(0.3, 0.5), (0.7, 0.5)]])
    expect_ink(page, some=False)
    expect(eraser).to_have_attribute("aria-pressed", "false")
    pen.draw(DIGITS["7"])
    expect(page.locator("#answer")).to_have_text("7")


def test_eraser_that_touches_nothing_changes_nothing(page: Page, pen: Pen) -> None:
    """Erasing where there is no ink keeps the drawing, and takes no step that undo would have to go back."""
    pen.draw(DIGITS["1"])
    page.get_by_role("button", name="Eraser").click()
    pen.draw([[(0.1, 0.1), (0.1, 0.9)]])
    expect_ink(page, some=True)
    page.keyboard.press("Control+z")
    expect_ink(page, some=False)


def test_undo_under_the_pen_ends_the_stroke(page: Page, pen: Pen) -> None:
    """Undo while the pen is down takes the stroke, and moving on draws nothing."""
    pen.press((0.2, 0.5))
    pen.move((0.4, 0.5))
    page.keyboard.press("Control+z")
    pen.move((0.8, 0.5))
    pen.lift()
    expect_ink(page, some=False)
    pen.draw(_SCRIBBLE)
    expect_ink(page, some=True)
