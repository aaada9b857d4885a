"""Everything that can be measured of one finished release, through the reader that is served."""

import json
import time
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.evaluation.acceptance import area_under_curve
from model_training.evaluation.calibration import Reliability, reliability
from model_training.evaluation.cases import Cases
from model_training.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from model_training.evaluation.evaluate import evaluate, wilson_interval
from model_training.evaluation.figure_style import STYLE, save_figures
from model_training.evaluation.score_figures import (
    plot_confusion,
    plot_digit_scores,
    plot_mistakes,
    plot_reliability,
    plot_robustness,
)
from model_training.release.reader_export import ReaderAnswers, ink_of, open_reader, read_ink
from model_training.release.release_folder import READER_FILE, read_description

REPORT_FILE = "evaluation.json"
_NON_DIGITS = 3000
_ROBUSTNESS_DIGITS = 1000  # of the test digits, evenly spread; 75 readings of each
_TIMED_DIGITS = 1000
_SEED = 1_000_003  # of non-digits and corruptions: nothing is trained with it


def evaluate_release(release: Path, test: Digits, *, cases: Cases | None, output: Path) -> dict[str, Any]:
    """Measures the release in the folder `release`; writes evaluation.json and figures to `output`.

    Args:
        release: a release folder.
        test: MNIST's test digits.
        cases: real drawings, if there are any.
        output: a folder, made if need be; a report that stands there is replaced.

    Returns:
        What evaluation.json holds.

    Raises:
        FileNotFoundError: there is no release.
    """
    threshold = float(read_description(release)["acceptance_threshold"])
    reader = release / READER_FILE
    ink = ink_of(test.images)
    answers = read_ink(reader, ink)
    scores = evaluate(answers.probabilities, test.labels)
    non_digits = read_ink(reader, ink_of(draw_non_digits(_NON_DIGITS, test, seed=_SEED)))
    report: dict[str, Any] = {
        "release": release.name,
        "mnist_test": {"size": len(test)} | scores.as_dict() | {"confusion": scores.confusion.tolist()},
        "drawn_non_digits": _describe_refusal(answers.digit_score, non_digits.digit_score, threshold),
        "robustness": _measure_robustness(reader, test),
        "reader": _measure_speed(reader, ink[:_TIMED_DIGITS]),
    }
    reliabilities = {"MNIST test": scores.reliability}
    digit_scores = {"MNIST test": answers.digit_score}
    other_scores = {"drawn non-digits": non_digits.digit_score}
    with mpl.rc_context(STYLE):
        labels = test.labels.astype(str)
        figures = {
            "confusion": plot_confusion(scores),
            "mistakes": plot_mistakes(test.images, labels, scores.probabilities),
            "robustness": plot_robustness(report["robustness"], clean=scores.accuracy),
        }
        if cases is not None:
            found = read_ink(reader, cases.ink)
            report["cases"] = _describe_cases(cases, found, threshold=threshold)
            reliabilities |= _reliability_of_cases(cases, found)
            digit_scores["drawn cases, digits"] = found.digit_score[cases.is_digit]
            other_scores["drawn cases, others"] = found.digit_score[~cases.is_digit]
            figures |= _figures_of_cases(cases, found)
        figures["reliability"] = plot_reliability(reliabilities)
        figures["digit_or_not"] = plot_digit_scores(digit_scores, other_scores, threshold=threshold)
        save_figures(output / "figures", figures)
    (output / REPORT_FILE).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return report


def _describe_refusal(
    digits: NDArray[np.floating], others: NDArray[np.floating], threshold: float
) -> dict[str, Any]:
    """From the digit scores of digits (n,) and of others (m,)."""
    return {
        "size": len(others),
        "refused": float((others < threshold).mean()),
        "digits_accepted": float((digits >= threshold).mean()),
        "area_under_curve": area_under_curve(digits, others),
    }


def _measure_robustness(reader: Path, test: Digits) -> dict[str, list[float]]:
    """The share of right answers under each corruption at each strength."""
    some = test.rows(np.linspace(0, len(test) - 1, min(_ROBUSTNESS_DIGITS, len(test))).astype(int))
    ink = ink_of(some.images)
    accuracies: dict[str, list[float]] = {}
    for name in CORRUPTIONS:
        for strength in range(1, STRENGTHS + 1):
            answers = read_ink(reader, corrupt(ink, name, strength=strength, seed=_SEED))
            right = answers.probabilities.argmax(axis=1) == some.labels
            accuracies.setdefault(name, []).append(float(right.mean()))
    return accuracies


def _measure_speed(reader: Path, ink: NDArray[np.uint8]) -> dict[str, Any]:
    """Size, and the milliseconds of one drawing on one thread, after warming up."""
    run = open_reader(reader)
    times = []
    for drawing in np.concatenate([ink[:50], ink]):
        began = time.perf_counter()
        run(ink=drawing[None])
        times.append(1000 * (time.perf_counter() - began))
    median, late = np.percentile(times[50:], [50, 95])
    return {"bytes": reader.stat().st_size, "milliseconds": float(median), "milliseconds_p95": float(late)}


def _describe_cases(cases: Cases, found: ReaderAnswers, *, threshold: float) -> dict[str, Any]:
    """The scores of each group, and of digits against others."""
    groups: dict[str, Any] = {}
    right = _right(cases, found)
    accepted = found.digit_score >= threshold
    for group in np.unique(cases.groups).tolist():
        rows = cases.groups == group
        if not cases.is_digit[rows].all():
            groups[group] = {"size": int(rows.sum()), "refused": float(1 - accepted[rows].mean())}
            continue
        writers = [right[rows & (cases.writers == writer)].mean() for writer in set(cases.writers[rows])]
        groups[group] = {
            "size": int(rows.sum()),
            "accuracy": float(right[rows].mean()),
            "accuracy_interval_95": wilson_interval(float(right[rows].mean()), int(rows.sum())),
            "worst_writer": float(min(writers)),
            "calibration_error": reliability(found.probabilities[rows].max(axis=1), right[rows]).error,
            "accepted": float(accepted[rows].mean()),
        }
    digits, others = found.digit_score[cases.is_digit], found.digit_score[~cases.is_digit]
    area = area_under_curve(digits, others) if len(digits) and len(others) else None
    return {"groups": groups, "area_under_curve": area}


def _right(cases: Cases, found: ReaderAnswers) -> NDArray[np.bool_]:
    return np.asarray(found.probabilities.argmax(axis=1).astype(str) == cases.labels)


def _reliability_of_cases(cases: Cases, found: ReaderAnswers) -> dict[str, Reliability]:
    """Of each group of digits."""
    right = _right(cases, found)
    confidence = found.probabilities.max(axis=1)
    groups = np.unique(cases.groups[cases.is_digit]).tolist()
    return {
        group: reliability(confidence[cases.groups == group], right[cases.groups == group])
        for group in groups
    }


def _figures_of_cases(cases: Cases, found: ReaderAnswers) -> dict[str, Figure]:
    """The surest mistakes of each group of digits."""
    figures = {}
    for group in np.unique(cases.groups[cases.is_digit]).tolist():
        rows = cases.groups == group
        name = "mistakes_" + "_".join(group.split())
        figures[name] = plot_mistakes(found.seen[rows], cases.labels[rows], found.probabilities[rows], rows=6)
    return figures
