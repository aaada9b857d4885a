"""Why a digit was read as it was: what spoke for it, what comes next, and what would have to change."""

from dataclasses import dataclass, field

from app.recognition.explanation.counterfactual import describe_change
from app.recognition.explanation.occlusion import Heat, ink_of_seen, measure_heat
from app.recognition.explanation.wording import find_runner_up, say_digit
from app.recognition.readers.digit_reader import Reader
from app.recognition.reading import Digit


class NoSuchDigitError(ValueError):
    """The picture has no digit at the index that is asked for."""

    def __init__(self, index: int, *, count: int) -> None:
        found = {0: "no digit", 1: "1 digit, at index 0"}.get(
            count, f"{count} digits, at index 0 to {count - 1}"
        )
        super().__init__(f"index: there is no digit {index}; the picture has {found}")


@dataclass(frozen=True)
class Explanation:
    """One digit of a picture, explained.

    Attributes:
        digit: what was read.
        runner_up: the second most probable digit, 0..9.
        runner_up_probability: its probability, 0..1, calibrated.
        heat: float32 (28, 28), in the frame of `digit.seen`: by how much the log-odds (natural logarithm) of
            the answer fall when the ink there is covered. Positive ink speaks for the answer, negative
            against it; 0 where there is no ink.
        sentence: how sure the reader is.
        change: what would have to be missing for another answer, or that nothing small would do.
    """

    digit: Digit
    runner_up: int
    runner_up_probability: float
    heat: Heat = field(repr=False, compare=False)
    sentence: str
    change: str


def explain_digit(digit: Digit, *, reader: Reader, acceptance_threshold: float) -> Explanation:
    """Explain a digit by covering parts of what was seen and asking the reader again, up to 90 times."""
    ink = ink_of_seen(digit.seen)
    runner_up = find_runner_up(digit)
    return Explanation(
        digit,
        runner_up=runner_up,
        runner_up_probability=digit.probabilities[runner_up],
        heat=measure_heat(ink, digit=digit.digit, reader=reader),
        sentence=say_digit(digit),
        change=describe_change(
            ink, digit=digit.digit, reader=reader, acceptance_threshold=acceptance_threshold
        ),
    )
