"""Readings and explanations as values for the page."""

import numpy as np
import pytest

from app.recognition.explanation.explanation import Explanation
from app.recognition.explanation.wording import say_reading
from app.recognition.reading import Reading
from app.ui.presentation import present_explanation, present_reading
from tests.app.readings import make_digit, make_reading


@pytest.mark.parametrize(
    ("reading", "state"),
    [
        (make_reading("42", make_digit(4), make_digit(2, confidence=0.6)), "read"),
        (make_reading("4", make_digit(4), make_digit(2, accepted=False)), "doubtful"),
        (make_reading("", make_digit(3, accepted=False)), "doubtful"),
        (make_reading(""), "empty"),
    ],
)
def test_state_of_a_reading(reading: Reading, state: str) -> None:
    """A reading is doubtful as soon as one of its digits is not accepted."""
    shown = present_reading(reading)
    assert (shown["text"], shown["state"], shown["sentence"]) == (reading.text, state, say_reading(reading))


@pytest.mark.parametrize(("confidence", "share"), [(0.7, "30 %"), (0.999, "less than 1 %")])
def test_runner_up_is_named_with_its_share(confidence: float, share: str) -> None:
    """An explanation names the second most probable digit and its probability."""
    digit = make_digit(3, confidence=confidence, other=8)
    heat = np.zeros((28, 28), np.float32)
    explanation = Explanation(digit, 8, 1 - confidence, heat, sentence="A 3.", change="Nothing.")
    shown = present_explanation(explanation)
    assert (shown["sentence"], shown["change"]) == ("A 3.", "Nothing.")
    assert " 8, " in shown["runner_up"]
    assert share in shown["runner_up"]
