"""Corruptions change a drawing as named, and more so at higher strengths."""

import numpy as np
import pytest

from model_training.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from tests.conftest import Digits


@pytest.fixture(scope="module")
def ink(digits: Digits) -> np.ndarray:
    """Twenty digits as ink, (20, 112, 112)."""
    return np.kron(digits.images[:20], np.ones((1, 4, 4), np.uint8))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_corruption_is_reproducible_and_grows_with_strength(ink: np.ndarray, name: str) -> None:
    """A seed fixes the result; the strongest corruption changes the ink more than the weakest."""
    weak, strong, again = (corrupt(ink, name, strength=strength, seed=1) for strength in (1, STRENGTHS, 1))
    assert weak.shape == ink.shape
    assert weak.dtype == np.uint8
    np.testing.assert_array_equal(weak, again)
    weak_change, strong_change = (np.abs(drawings.astype(int) - ink).mean() for drawings in (weak, strong))
    assert 0 < weak_change < strong_change


@pytest.mark.parametrize(
    ("name", "more"), [("thick", True), ("thin", False), ("broken", False), ("stripes", True)]
)
def test_corruption_adds_or_removes_ink(ink: np.ndarray, name: str, more: bool) -> None:
    """Thick and stripes add ink; thin and broken remove some."""
    assert (corrupt(ink, name, strength=4, seed=1).sum() > ink.sum()) == more


def test_full_inversion_is_the_negative(ink: np.ndarray) -> None:
    """At the highest strength paper becomes ink and ink paper."""
    np.testing.assert_array_equal(corrupt(ink, "inversion", strength=5, seed=0), 255 - ink)
