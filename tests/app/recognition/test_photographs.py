"""Photographs made of written numbers with known digits are read."""

from dataclasses import astuple

import numpy as np
import pytest

from tests.app.recognition.conftest import Read
from tests.simulated_photographs import KINDS, Kind, Photograph, photograph
from tests.written_numbers import write_number


def _enlarge(picture: Photograph, times: int) -> Photograph:
    return picture.repeat(times, axis=0).repeat(times, axis=1)


@pytest.mark.parametrize(
    ("kind", "severity", "count", "least", "times"),
    [
        *((kind, 3, 8, 6, 1) for kind in KINDS),
        *(("squared paper", severity, 80, 68, 1) for severity in (1, 2, 4, 5)),
        ("squared paper", 4, 10, 8, 6),  # more than two megapixels
    ],
)
def test_most_numbers_in_photographs_are_read(
    read: Read, kind: Kind, severity: int, count: int, least: int, times: int
) -> None:
    """Most numbers are read whole: on paper of each kind, faint or strong squares, in large photographs."""
    generator = np.random.default_rng(11)
    right = 0
    for _ in range(count):
        text = "".join(map(str, generator.integers(0, 10, generator.integers(1, 6))))
        ink = write_number(text, generator=generator)
        picture = photograph(ink, kind, severity=severity, generator=generator)
        right += read(_enlarge(picture, times), "number").text == text
    assert right >= least


def test_boxes_of_a_large_photograph_are_in_its_own_pixels(read: Read) -> None:
    """A photograph of many megapixels is read at a smaller size; the boxes lie where the digits were sent."""
    generator = np.random.default_rng(12)
    ink = write_number("46", generator=generator)
    picture = photograph(ink, "clean paper", severity=1, generator=generator)
    small, large = (read(_enlarge(picture, times), "number") for times in (1, 12))
    assert small.text == large.text == "46"
    for first, second in zip(small.digits, large.digits, strict=True):
        assert np.abs(np.array(astuple(second.box)) / 12 - astuple(first.box)).max() <= 4
