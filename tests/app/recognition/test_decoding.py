"""The line reader's columns are decoded, and both readers' opinions joined, as in the browser."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.recognition.readers.decoding import DIGITS, Opinions, expect_order, find_signs
from tests.conftest import PROJECT

CASES = json.loads((PROJECT / "tests" / "decoding_cases.json").read_text(encoding="utf-8"))


def _find_row(rows: NDArray[np.float32], row: NDArray[np.float32]) -> int:
    """Return the index of a row, by where it is in memory."""
    return next(index for index, each in enumerate(rows) if np.shares_memory(each, row))


def _named(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", CASES["signs"], ids=_named)
def test_signs_are_runs_of_columns(case: dict[str, Any]) -> None:
    """A sign is a run of columns of one class, taken from its most probable column."""
    classes = CASES["classes"]
    probabilities = np.zeros((len(case["columns"]), len(classes)), np.float32)
    for row, (name, probability) in zip(probabilities, case["columns"], strict=True):
        row[:] = (1 - probability) / (len(classes) - 1)
        row[classes.index(name)] = probability
    places = [[column, 0, column, 0] for column in range(len(probabilities))]
    boxes = np.array(case.get("boxes", places), np.float32)
    signs = find_signs(probabilities, boxes, classes=classes)
    found = [[classes[sign.kind], _find_row(boxes, sign.box)] for sign in signs]
    assert found == case["signs"]


@pytest.mark.parametrize("case", CASES["opinions"], ids=_named)
def test_opinions_are_joined(case: dict[str, Any]) -> None:
    """Probabilities and digit score follow from those of both readers and the release's weights."""
    opinions = Opinions(case["line_weight"], case["digit_weight"], tuple(case["score"]), 0.5)
    line, digit = (np.array(case[name], np.float32) for name in ("line", "digit"))
    assert opinions.join_probabilities(line, digit) == pytest.approx(case["probabilities"], abs=1e-5)
    score = opinions.join_scores(case["line_score"], case["digit_score"])
    assert score == pytest.approx(case["joined_score"], abs=1e-5)


def spread_digits(case: dict[str, Any]) -> NDArray[np.float64]:
    """Return the ten probabilities of each digit of an order's case."""
    rows = np.zeros((len(case["read"]), DIGITS))
    for row, second, read in zip(rows, case["second"], case["read"], strict=True):
        row[int(second)] = case["share"]
        row[int(read)] = 1 - case["share"] * (read != second)
    return rows


@pytest.mark.parametrize("case", CASES["orders"], ids=_named)
def test_digits_in_order_are_expected(case: dict[str, Any]) -> None:
    """A doubtful digit of many in order is the one that the order asks for."""
    expected = expect_order(spread_digits(case))
    assert "".join(str(each.argmax()) for each in expected) == case["expected"]
    assert [each.sum() for each in expected] == pytest.approx([1] * len(expected))
