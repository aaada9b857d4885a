"""Explains a digit: its confidence, the runner-up, the ink that counts, and what would change the reading."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.recognition.explanation.counterfactual import Change, find_change
from app.recognition.explanation.heat_map import Heat, ink_of_normalised, measure_heat
from app.recognition.explanation.wording import find_runner_up, say_digit
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.reading import DIGITS, Digit


class NoSuchDigitError(ValueError):
    """The reading has no digit at the requested index."""

    def __init__(self, index: int, *, count: int) -> None:
        found = {0: "no digit", 1: "1 digit, at index 0"}.get(
            count, f"{count} digits, at index 0 to {count - 1}"
        )
        super().__init__(f"index: there is no digit {index}; the picture has {found}")


@dataclass(frozen=True)
class Explanation:
    """One digit of a picture, explained.

    The heat, float32 (28, 28), is by how much the log-odds (natural logarithm) of the digit fall when the ink
    there is covered: positive ink supports the digit, negative ink contradicts it; 0 without ink.
    """

    digit: Digit
    runner_up: int  # the second most probable digit
    runner_up_probability: float  # 0..1, calibrated
    heat: Heat = field(repr=False, compare=False)  # in the frame of `digit.normalised`
    sentence: str  # how confident the reader is
    change: Change  # without which part of the ink the reading would be another
    labels: Sequence[str] = DIGITS  # the sign of each digit

    @property
    def change_sentence(self) -> str:
        """Return the change as a sentence."""
        return self.change.say(self.labels)


def explain_digit(
    digit: Digit, *, reader: DigitReader, acceptance_threshold: float, labels: Sequence[str]
) -> Explanation:
    """Explain a digit by covering parts of its normalised image and reading it again, up to 90 times."""
    ink = ink_of_normalised(digit.normalised)
    runner_up = find_runner_up(digit)
    return Explanation(
        digit,
        runner_up=runner_up,
        runner_up_probability=digit.probabilities[runner_up],
        heat=measure_heat(ink, digit=digit.digit, reader=reader),
        sentence=say_digit(digit, labels),
        change=find_change(ink, digit=digit.digit, reader=reader, acceptance_threshold=acceptance_threshold),
        labels=labels,
    )
