"""Numbers with known answers are written as a line of separate digits."""

import cv2
import numpy as np
import pytest

from model_training.data.numbers import Line, write_number


def test_a_number_is_ink_with_paper_around_it() -> None:
    """Ink is white on black, wider the more digits there are, and does not reach the edge."""
    one, five = (write_number(text, generator=np.random.default_rng(1)) for text in ("4", "44444"))
    assert five.dtype == np.uint8
    assert five.max() == 255
    assert five.shape[1] > 3 * one.shape[1] / 2
    for edge in (five[0], five[-1], five[:, 0], five[:, -1]):
        assert not edge.any()


def test_digits_stand_apart_when_the_gap_says_so() -> None:
    """Between 1s written with wide gaps there are columns without ink."""
    ink = write_number("111", generator=np.random.default_rng(0), line=Line(gap=(0.5, 0.6)))
    columns = (ink.max(axis=0, keepdims=True) > 0).astype(np.uint8)
    count, _ = cv2.connectedComponents(columns)
    assert count - 1 == 3


def test_the_generator_decides_all() -> None:
    """The same seed writes the same number, another seed another."""
    first, again, other = (write_number("2026", generator=np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()


@pytest.mark.parametrize("text", ["", "1.5", "-2", "one"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """Only digits have templates here."""
    with pytest.raises(ValueError, match="digits 0 to 9"):
        write_number(text, generator=np.random.default_rng(0))
