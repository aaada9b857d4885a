"""Corruptions do what their names say, more so the stronger they are."""

import numpy as np
import pytest

from model_training.data.mnist import Mnist
from model_training.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from model_training.release.reader_export import ink_of


@pytest.fixture(scope="module")
def ink(mnist: Mnist) -> np.ndarray:
    """Twenty digits as ink."""
    return ink_of(mnist.test.images[:20])


def test_there_are_fifteen_at_five_strengths() -> None:
    """As many as evaluate promises."""
    assert len(CORRUPTIONS) == 15
    assert all(len(amounts) == STRENGTHS == 5 for _, amounts in CORRUPTIONS.values())


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_gives_ink_and_the_same_again(ink: np.ndarray, name: str) -> None:
    """Shape and type stay, a seed decides all, and the drawings are changed."""
    once, again = (corrupt(ink, name, strength=3, seed=1) for _ in range(2))
    assert once.shape == ink.shape
    assert once.dtype == np.uint8
    np.testing.assert_array_equal(once, again)
    assert (once != ink).any()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_strongest_changes_more_than_the_weakest(ink: np.ndarray, name: str) -> None:
    """By the mean difference from the clean ink."""
    weak, strong = (
        np.abs(corrupt(ink, name, strength=strength, seed=1).astype(int) - ink).mean()
        for strength in (1, STRENGTHS)
    )
    assert strong > weak


@pytest.mark.parametrize(
    ("name", "more"), [("thick", True), ("thin", False), ("broken", False), ("stripes", True)]
)
def test_ink_is_added_or_taken_away(ink: np.ndarray, name: str, more: bool) -> None:
    """Thick and stripes add ink; thin and broken take some away."""
    assert (corrupt(ink, name, strength=4, seed=1).sum() > ink.sum()) == more


def test_full_inversion_is_the_negative(ink: np.ndarray) -> None:
    """At the greatest strength paper becomes ink and ink paper."""
    np.testing.assert_array_equal(corrupt(ink, "inversion", strength=5, seed=0), 255 - ink)
