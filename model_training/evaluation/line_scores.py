"""Scores of the line network on synthesised lines, and how its opinion is joined with the digit reader's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, logit, logsumexp

from model_training.data.ink import Ink
from model_training.data.lines import Lines
from model_training.evaluation.scores import acceptance_threshold, area_under_curve, fit_temperature
from model_training.line_format import BLANK
from model_training.normalisation import INK_SIZE
from model_training.release.reader_export import read_ink

DIGITS = 10  # the first classes are the digits 0 to 9
_FILL = 0.9  # of the digit reader's drawing that a digit fills
_SMALLEST = 1e-6  # probability
_DRAWN = 26  # of 255; fainter ink joins no components


@dataclass(frozen=True)
class LineMeasures:
    """Calibration and scores.

    Attributes:
        temperature: divisor of the network's logits.
        weight: of the log-probabilities of line reader and digit reader.
        score: constant and factors of the log-odds of both readers, which give those of the digit score.
        threshold: the least accepted digit score.
        values: scores on the validation lines, by name.
    """

    temperature: float
    weight: float
    score: tuple[float, float, float]
    threshold: float
    values: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return the calibration as in release.json."""
        return {
            "temperature": self.temperature,
            "weights": {"line": self.weight, "digit": self.weight},
            "score": list(self.score),
            "acceptance_threshold": self.threshold,
        }


@dataclass(frozen=True)
class Signs:
    """The signs of many lines, each at its column, and what both readers say of it.

    Attributes:
        labels: int32 (n,), their classes.
        logits: float32 (n, classes), of the line network.
        digit_probabilities: float32 (n, 10), of the digit reader for the ink in the sign's box.
        digit_scores: float32 (n,), likewise.
    """

    labels: NDArray[np.int32]
    logits: NDArray[np.float32]
    digit_probabilities: NDArray[np.float32]
    digit_scores: NDArray[np.float32]


def read_signs(
    lines: Lines, logits: NDArray[np.float32], boxes: NDArray[np.float32], *, digit_reader: Path
) -> Signs:
    """Return each sign at the column of its label that is least likely blank."""
    rows, columns = _sign_columns(lines, logits)
    places = zip(rows, columns, strict=True)
    drawings = np.array([fit_sign(cut_sign(lines.ink[row], boxes[row, column])) for row, column in places])
    output = read_ink(digit_reader, drawings)
    return Signs(
        lines.columns[rows, columns], logits[rows, columns], output.probabilities, output.digit_score
    )


def measure_lines(
    lines: Lines, logits: NDArray[np.float32], *, signs: Signs, plain_signs: Signs
) -> LineMeasures:
    """Calibrate on validation lines and score them.

    Args:
        lines: the lines.
        logits: of the network for them.
        signs: of the lines.
        plain_signs: of lines on clean paper, where the digit reader is at its best, to weigh both readers.
    """
    temperature = fit_temperature(signs.logits, signs.labels)
    weight = _fit_weight(plain_signs, temperature)
    are_digits = signs.labels < DIGITS
    probability = np.exp(logsumexp(log_softmax(signs.logits / temperature, axis=1)[:, :DIGITS], axis=1))
    evidence = np.stack([np.ones(len(probability)), _log_odds(probability), _log_odds(signs.digit_scores)])
    score = _fit_score(evidence, are_digits)
    scores = expit(np.array(score) @ evidence)
    right = _join(signs, temperature).argmax(axis=1) == signs.labels
    values = {
        "lines_right": float(find_lines_right(lines, logits).mean()),
        "digits_right_by_line_reader": float(
            (signs.logits[:, :DIGITS].argmax(axis=1) == signs.labels)[are_digits].mean()
        ),
        "digits_right_by_both": float(right[are_digits].mean()),
        "area_under_curve": area_under_curve(scores[are_digits], scores[~are_digits]),
    }
    return LineMeasures(temperature, weight, score, acceptance_threshold(scores[are_digits]), values)


def find_lines_right(lines: Lines, logits: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which lines are read without any error, (n,)."""
    return np.array([text == _greedy(row) for text, row in zip(_texts(lines), logits, strict=True)], bool)


def _join(signs: Signs, temperature: float) -> NDArray[np.float64]:
    """Return the sum of both readers' log-probabilities of the ten digits, (n, 10)."""
    of_line = log_softmax(signs.logits.astype(float) / temperature, axis=1)[:, :DIGITS]
    of_digit = np.log(np.maximum(signs.digit_probabilities.astype(float), _SMALLEST))
    return np.asarray(of_line + of_digit)


def _fit_weight(signs: Signs, temperature: float) -> float:
    """Return the weight of both readers' log-probabilities that minimises the log loss of the digits.

    With a weight of its own the digit reader would hardly count on these lines, whose styles the line reader
    has learnt. On those of people whom neither has seen, both are worth the same.
    """
    digits = np.flatnonzero(signs.labels < DIGITS)
    joined = _join(signs, temperature)[digits]

    def log_loss(weight: float) -> float:
        return -float(log_softmax(weight * joined, axis=1)[range(len(digits)), signs.labels[digits]].mean())

    return round(float(minimize_scalar(log_loss, bounds=(0.05, 2), method="bounded").x), 4)


def _fit_score(evidence: NDArray[Any], are_digits: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return the factors (3,) of `evidence` (3, n) whose sum is the log-odds of a digit."""
    signed = np.where(are_digits, -1, 1)

    def log_loss(factors: NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, signed * (factors @ evidence)).mean())

    constant, line, digit = minimize(
        log_loss, (0, 0.7, 0.3), bounds=[(-9, 9), (0, 3), (0, 3)], method="L-BFGS-B"
    ).x
    return round(float(constant), 4), round(float(line), 4), round(float(digit), 4)


def _log_odds(probabilities: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(logit(np.clip(probabilities.astype(float), _SMALLEST, 1 - _SMALLEST)))


def _sign_columns(lines: Lines, logits: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column of each sign: of its labelled columns the one that is least likely blank."""
    blank = log_softmax(logits, axis=2)[..., BLANK]
    rows, columns = [], []
    for row, labels in enumerate(lines.columns):
        starts = np.flatnonzero(np.diff(labels, prepend=-2) != 0)
        for start, end in zip(starts, [*starts[1:], len(labels)], strict=True):
            if 0 <= labels[start] != BLANK:
                rows.append(row)
                columns.append(int(start) + int(blank[row, start:end].argmin()))
    return np.array(rows, np.int64), np.array(columns, np.int64)


def cut_sign(ink: Ink, box: NDArray[np.float32]) -> Ink:
    """Return the ink (32, 256) in a box, as the app cuts it.

    A component that lies mostly outside is left out, unless it is most of the ink in the box.
    """
    height, width = ink.shape
    left, top = (
        int(np.clip(np.floor(side), 0, end - 2)) for side, end in zip(box[:2], (width, height), strict=True)
    )
    right, bottom = (
        int(np.clip(np.ceil(box[2]), left + 2, width)),
        int(np.clip(np.ceil(box[3]), top + 2, height)),
    )
    count, labels = cv2.connectedComponents((ink >= _DRAWN).view(np.uint8))
    inside = labels[top:bottom, left:right]
    whole, kept = (np.bincount(part.ravel(), minlength=count) for part in (labels, inside))
    stays = (2 * kept >= whole) | (2 * kept >= kept[1:].sum())
    stays[0] = True
    return np.where(stays[inside], ink[top:bottom, left:right], 0).astype(np.uint8)


def fit_sign(ink: Ink) -> Ink:
    """Enlarge ink to a drawing of the digit reader, (N, N)."""
    scale = _FILL * INK_SIZE / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    drawing = np.zeros((INK_SIZE, INK_SIZE), np.uint8)
    top, left = (INK_SIZE - height) // 2, (INK_SIZE - width) // 2
    drawing[top : top + height, left : left + width] = cv2.resize(ink, (width, height))
    return drawing


def _texts(lines: Lines) -> list[list[int]]:
    return [text[:length].tolist() for text, length in zip(lines.texts, lines.lengths, strict=True)]


def _greedy(logits: NDArray[np.float32]) -> list[int]:
    """Return the classes of the runs of columns with the same most probable class, without blanks."""
    best = logits.argmax(axis=1)
    runs = best[np.flatnonzero(np.diff(best, prepend=-1))]
    return [int(run) for run in runs if run != BLANK]
