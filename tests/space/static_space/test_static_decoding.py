"""The line reader's columns are decoded, and both readers' opinions joined, as on the server."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.app.recognition.test_decoding import CASES, spread_digits

pytestmark = pytest.mark.slow

_DECODE = """async ([cases, classes]) => {
    const { findSigns } = await import(new URL("page/decoding.js", document.baseURI));
    const spread = ([name, probability]) =>
        classes.map((each) => (each === name ? probability : (1 - probability) / (classes.length - 1)));
    return cases.map(({ columns, boxes }) => {
        const given = columns.map((column, index) => ({
            index,
            probabilities: spread(column),
            box: boxes?.[index] ?? [index, 0, index, 0],
        }));
        return findSigns(given, classes).map(({ kind, index }) => [classes[kind], index]);
    });
}"""
_JOIN = """async (cases) => {
    const { joinProbabilities, joinScores } = await import(new URL("page/decoding.js", document.baseURI));
    return cases.map((each) => {
        const opinions = { weights: { line: each.line_weight, digit: each.digit_weight }, score: each.score };
        const score = joinScores(each.line_score, each.digit_score, opinions);
        return [...joinProbabilities(each.line, each.digit, opinions), score];
    });
}"""

_ORDER = """async (numbers) => {
    const { expectOrder, indexOfLargest } = await import(new URL("page/decoding.js", document.baseURI));
    return numbers.map((digits) => expectOrder(digits).map(indexOfLargest).join(""));
}"""


def test_signs_are_runs_of_columns(page: Page) -> None:
    """The server's cases have the same signs in the browser."""
    cases: list[dict[str, Any]] = CASES["signs"]
    found = page.evaluate(_DECODE, [cases, CASES["classes"]])
    assert dict(zip([case["name"] for case in cases], found, strict=True)) == {
        case["name"]: case["signs"] for case in cases
    }


def test_opinions_are_joined(page: Page) -> None:
    """The server's cases have the same probabilities and scores in the browser."""
    cases: list[dict[str, Any]] = CASES["opinions"]
    for case, joined in zip(cases, page.evaluate(_JOIN, cases), strict=True):
        assert joined == pytest.approx([*case["probabilities"], case["joined_score"]], abs=1e-5)


def test_digits_in_order_are_expected(page: Page) -> None:
    """Doubtful digits in order are read as on the server."""
    cases: list[dict[str, Any]] = CASES["orders"]
    rows = [spread_digits(case).tolist() for case in cases]
    found = page.evaluate(_ORDER, rows)
    assert found == [case["expected"] for case in cases]
