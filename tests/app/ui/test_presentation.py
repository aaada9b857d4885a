"""Readings and explanations as values for the page."""

import numpy as np

from app.recognition.explanation.counterfactual import Change
from app.recognition.explanation.explanation import Explanation
from app.recognition.reading import Reading
from app.ui.presentation import present_explanation, present_reading
from tests.app.readings import make_digit, make_reading


def test_turned_picture_is_marked() -> None:
    """A reading with a hint is marked as one of a picture that lies on its side."""
    assert present_reading(Reading("", (), hint="the picture seems to be turned"))["sideways"]
    assert not present_reading(make_reading("42", make_digit(4), make_digit(2)))["sideways"]


def test_explanation_names_runner_up_and_change() -> None:
    """An explanation has the second most probable digit, its probability, and the parts of the change."""
    digit = make_digit(3, confidence=0.7, other=8)
    heat = np.zeros((28, 28), np.float32)
    change = Change("read", 8, "the left third")
    shown = present_explanation(Explanation(digit, 8, 0.3, heat, sentence="A 3.", change=change))
    assert (shown["runner_up"], shown["share"]) == (8, 0.3)
    assert shown["change"] == {"kind": "read", "digit": 8, "part": "the left third"}
