"""Decodes the line reader's columns into signs, and joins the opinions of both readers on a digit.

The static page does the same in decoding.js; tests/decoding_cases.json holds cases for both.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.recognition.constants import LINE_READER

DIGITS = 10  # the first classes of the line reader are the digits 0 to 9

_SAME = LINE_READER["same_box"]  # share of two boxes' area in common from which on they are around one sign
# A sign this many times as probable as what its neighbours suggest stays as it is.
_SURE_MARK, _SURE_SLASH = LINE_READER["sure_mark"], LINE_READER["sure_slash"]
_LEANING = LINE_READER["leaning_slash"]  # least width of a slash, in its heights; an upright stroke is a 1
# The middle of three signs, such as 618, is a slash if that is this many times as probable as a 1. The ratio
# of its height to that of the digits, raised to this power, multiplies the probability of a slash.
_RARE_SLASH, _TALL_SLASH = LINE_READER["rare_slash"], LINE_READER["tall_slash"]
_AROUND_SLASH = {1, 2, 4}  # digits that dates and fractions have before and after a slash
_THREE_SIGNS = re.compile("[1-9][1/][1-9]")
_DECIMAL = {  # numbers whose last mark is another one
    re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+,\d\d(?!\d)"): ".",
    re.compile(r"(?<!\d)\d{1,3}(?:\.\d{3})+\.\d\d(?!\d)"): ",",
}
_IN_ORDER = LINE_READER["in_order"]  # share of numbers whose digits are in order, such as 0123456789
_FIRST, _STEP = (each.reshape(-1, 1) for each in np.meshgrid(np.arange(DIGITS), [1, -1]))  # of the 20 orders
_ENOUGH = 12  # digits in order; more do not raise the factor
_MIN_PROBABILITY = 1e-6  # smaller ones count as this one, and larger than 1 - this one as that


@dataclass(frozen=True)
class Sign:
    """One sign of a line: a digit, a mark, or other ink.

    Attributes:
        kind: index of its class.
        probabilities: float32 (classes,), at the column where that class is most probable.
        box: float32 (4,), left, top, right and bottom in pixels of the line reader's input.
    """

    kind: int
    probabilities: NDArray[np.float32]
    box: NDArray[np.float32]

    @property
    def is_digit(self) -> bool:
        """Return whether the sign is a digit."""
        return self.kind < DIGITS


@dataclass(frozen=True)
class Opinions:
    """How the opinions of line reader and digit reader on one digit are joined, as a release says.

    Attributes:
        line_weight: of the line reader's log-probabilities.
        digit_weight: of the digit reader's log-probabilities.
        score: of the digit score's log-odds: a constant, the factor of the line reader's log-odds that its
            sign is a digit, and the factor of the digit reader's.
        acceptance_threshold: the lowest digit score of an accepted digit.
    """

    line_weight: float
    digit_weight: float
    score: tuple[float, float, float]
    acceptance_threshold: float

    def join_probabilities(
        self, line: NDArray[np.float32], digit: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Return the probabilities of the ten digits, given those of both readers, (10,)."""
        line, digit = (np.log(np.maximum(each, _MIN_PROBABILITY, dtype=float)) for each in (line, digit))
        joined = self.line_weight * line + self.digit_weight * digit
        shares = np.exp(joined - joined.max())
        return np.asarray(shares / shares.sum())

    def join_scores(self, line: float, digit: float) -> float:
        """Return the digit score, given the line reader's probability of a digit and the digit reader's."""
        constant, line_factor, digit_factor = self.score
        log_odds = constant + line_factor * _log_odds(line) + digit_factor * _log_odds(digit)
        return 1 / (1 + math.exp(-log_odds)) if log_odds > -500 else 0.0


def find_signs(
    probabilities: NDArray[np.float32], boxes: NDArray[np.float32], *, classes: Sequence[str]
) -> list[Sign]:
    """Return the signs of a line, from left to right.

    A sign is a run of columns with the same most probable class, which is not `blank`. Of two neighbours
    that have most of their boxes in common the more probable one is kept.

    Args:
        probabilities: (columns, classes).
        boxes: (columns, 4).
        classes: names of the classes.
    """
    blank = classes.index("blank")
    kinds = probabilities.argmax(axis=1)
    starts = np.flatnonzero(np.diff(kinds, prepend=-1))
    ends = [*starts[1:].tolist(), len(kinds)]
    signs: list[Sign] = []
    for start, end in zip(starts.tolist(), ends, strict=True):
        if (kind := int(kinds[start])) != blank:
            column = start + int(probabilities[start:end, kind].argmax())
            sign = Sign(kind, probabilities[column], boxes[column])
            if signs and _overlap(signs[-1].box, sign.box) > _SAME:
                sign = max(signs.pop(), sign, key=lambda each: each.probabilities[each.kind])
            signs.append(sign)
    return _correct_signs(signs, classes)


def expect_order(digits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities of a line's digits, (n, 10), given that some numbers are digits in order.

    People who try a reader write 0123456789 or 9876543210. By Bayes' theorem such a number, up or down from
    any digit, is more probable than others by a factor that grows tenfold with each digit.
    """
    rows = np.arange(len(digits))
    factor = _IN_ORDER / len(_FIRST) * 10.0 ** min(len(rows), _ENOUGH)
    orders = (_FIRST + _STEP * rows) % DIGITS
    likelihoods = digits[rows, orders].prod(axis=1)
    likeliest = int(likelihoods.argmax())
    if factor * likelihoods[likeliest] <= digits.max(axis=1).prod():
        return digits
    raised = digits.copy()
    raised[rows, orders[likeliest]] *= factor
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _correct_signs(signs: list[Sign], classes: Sequence[str]) -> list[Sign]:
    """Return signs with marks as their neighbours suggest, unless a sign is far more probable as it is.

    - A slash is rather a leaning 1, which looks the same, where dates and fractions have none, or where the
      line has no other 1 to compare it with, or where it is upright. Of three signs, as in 6/8 and 618, the
      height of the middle one decides as well: a slash is taller than the digits.
    - Of several commas the last, before two digits, is a decimal point, as in 90,187,236,54. Points likewise.
    """
    text = "".join(classes[sign.kind][0] for sign in signs)
    likelier = {
        match.end() - 3: (mark, _SURE_MARK) for end, mark in _DECIMAL.items() for match in end.finditer(text)
    }
    for match in re.finditer("/", text):
        around = re.findall(r"\d*$", text[: match.start()])[0], re.findall(r"^\d*", text[match.end() :])[0]
        if not {len(digits) for digits in around} <= _AROUND_SLASH or not _leans(signs[match.start()]):
            likelier[match.start()] = "1", _SURE_MARK
        elif "1" not in text:
            likelier[match.start()] = "1", _SURE_SLASH
    if _THREE_SIGNS.fullmatch(text) and _leans(signs[1]):
        first, middle, last = (max(float(sign.box[3] - sign.box[1]), 1.0) for sign in signs)
        odds = (middle / max(first, last)) ** _TALL_SLASH / _RARE_SLASH
        likelier[1] = ("/", odds) if text[1] == "1" else ("1", 1 / odds)
    corrected = list(signs)
    for index, (name, sure) in likelier.items():
        old, new = signs[index].kind, classes.index(name)
        probabilities = signs[index].probabilities.copy()
        if old != new and probabilities[old] < sure * probabilities[new]:
            probabilities[[new, old]] = probabilities[new] + probabilities[old], 0
            corrected[index] = replace(signs[index], kind=new, probabilities=probabilities)
    return corrected


def _leans(sign: Sign) -> bool:
    left, top, right, bottom = sign.box
    return bool(right - left >= _LEANING * (bottom - top))


def _overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the share of the area of two boxes that both have."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return float(width * height / (areas - width * height))


def _log_odds(probability: float) -> float:
    probability = min(max(probability, _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
    return math.log(probability / (1 - probability))
