"""Whole numbers, drawn on the pad digit by digit and read off the page."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.handwriting import write_strokes
from tests.app.pen import Finger, Pen, Stroke

_BY_MOUSE = ("10", "25", "31", "42", "58", "64", "77", "83", "90", "96", "105", "236", "318", "479", "520")
_BY_FINGER = ("17", "49", "68", "350", "702")


@pytest.mark.parametrize("number", _BY_MOUSE)
def test_number_drawn_with_the_mouse_is_read(page: Page, pen: Pen, number: str) -> None:
    """A number drawn with the mouse is the text of the answer."""
    pen.draw(write_strokes(number, seed=int(number)))
    expect(page.locator("#answer")).to_have_text(number)


@pytest.mark.parametrize("number", _BY_FINGER)
def test_number_drawn_with_a_finger_is_read(phone: Page, finger: Finger, number: str) -> None:
    """A number drawn with a finger on a phone is the text of the answer."""
    finger.draw(write_strokes(number, seed=int(number)))
    expect(phone.locator("#answer")).to_have_text(number)


def test_lines_are_read_one_after_the_other(page: Page, pen: Pen) -> None:
    """Two lines are read from left to right, the upper one first."""
    strokes = [
        _shrink(stroke, down=down)
        for number, down in (("42", -0.25), ("17", 0.25))
        for stroke in write_strokes(number, seed=7)
    ]
    pen.draw(strokes)
    expect(page.locator("#answer")).to_have_text("4217")


def _shrink(stroke: Stroke, *, down: float) -> Stroke:
    return [(0.5 + (x - 0.5) * 0.7, 0.5 + (y - 0.5) * 0.7 + down) for x, y in stroke]
