"""Evaluation of a finished release through its exported reader: evaluation.json, figures, and a text."""

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.evaluation import score_figures
from model_training.evaluation.cases import Cases
from model_training.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from model_training.evaluation.figure_style import STYLE, save_figures
from model_training.evaluation.scores import Evaluation, area_under_curve
from model_training.release.litert_export import open_reader
from model_training.release.reader_export import ReaderOutput, ink_of, read_ink
from model_training.release.release_folder import READER_FILE, check_digits, read_description

_NON_DIGITS = 3000
_ROBUSTNESS_DIGITS = 1000  # test digits, evenly spaced; each is read 75 times
_TIMED_DIGITS = 1000
_WARM_UP_DIGITS = 50
_SEED = 1_000_003  # of non-digits and corruptions; no training uses it


def evaluate_release(release: Path, test: Digits, *, cases: Cases | None, output: Path) -> dict[str, Any]:
    """Evaluate the release in the folder `release` on MNIST's `test` digits and on drawn `cases`.

    Writes evaluation.json and figures to the folder `output`, in place of an earlier report.

    Returns:
        The contents of evaluation.json.

    Raises:
        FileNotFoundError: `release` holds no release.
        ReleaseError: release.json or the reader is damaged, or it reads other signs than the digits.
    """
    description = read_description(release)
    check_digits(description, release)
    threshold = description["acceptance_threshold"]
    reader = release / READER_FILE
    ink = ink_of(test.images)
    outputs = read_ink(reader, ink)
    non_digits = read_ink(reader, ink_of(draw_non_digits(_NON_DIGITS, test, seed=_SEED)))
    scores = Evaluation(outputs.probabilities, test.labels)
    report: dict[str, Any] = {
        "release": release.name,
        "mnist_test": {"size": len(test)} | scores.as_dict() | {"confusion": scores.confusion.tolist()},
        "drawn_non_digits": {
            "size": _NON_DIGITS,
            "refused": float((non_digits.digit_score < threshold).mean()),
            "digits_accepted": float((outputs.digit_score >= threshold).mean()),
            "area_under_curve": area_under_curve(outputs.digit_score, non_digits.digit_score),
        },
        "robustness": _measure_robustness(reader, test),
        "reader": _measure_speed(reader, ink[:_TIMED_DIGITS]),
    }
    evaluations = {"MNIST test": scores}
    images: dict[str, NDArray[np.generic]] = {"MNIST test": test.images}
    digits, others = {"MNIST test": outputs.digit_score}, {"drawn non-digits": non_digits.digit_score}
    if cases is not None:
        outputs = read_ink(reader, cases.ink)
        groups = _evaluate_groups(cases, outputs)
        report["cases"] = _describe_cases(cases, outputs, groups, threshold=threshold)
        evaluations |= groups
        images |= {group: outputs.normalised[cases.groups == group] for group in groups}
        digits["drawn cases, digits"] = outputs.digit_score[cases.is_digit]
        others["drawn cases, others"] = outputs.digit_score[~cases.is_digit]
    with mpl.rc_context(STYLE):
        figures = _plot_figures(evaluations, images, robustness=report["robustness"])
        figures["digit_or_not"] = score_figures.plot_digit_scores(digits, others, threshold=threshold)
        save_figures(output / "figures", figures)
    (output / "evaluation.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return report


def _measure_robustness(reader: Path, test: Digits) -> dict[str, list[float]]:
    """Return the accuracy under each corruption at each strength."""
    some = test.rows(np.linspace(0, len(test) - 1, min(_ROBUSTNESS_DIGITS, len(test))).astype(int))
    ink = ink_of(some.images)
    accuracies: dict[str, list[float]] = {}
    for name in CORRUPTIONS:
        for strength in range(1, STRENGTHS + 1):
            outputs = read_ink(reader, corrupt(ink, name, strength=strength, seed=_SEED))
            correct = outputs.probabilities.argmax(axis=1) == some.labels
            accuracies.setdefault(name, []).append(float(correct.mean()))
    return accuracies


def _measure_speed(reader: Path, ink: NDArray[np.uint8]) -> dict[str, Any]:
    """Return the reader's size in bytes, and the milliseconds per drawing on one thread after a warm-up."""
    run = open_reader(reader)
    times = []
    for drawing in np.concatenate([ink[:_WARM_UP_DIGITS], ink]):
        start = time.perf_counter()
        run(ink=drawing[None])
        times.append(1000 * (time.perf_counter() - start))
    median, late = np.percentile(times[-len(ink) :], [50, 95])
    return {"bytes": reader.stat().st_size, "milliseconds": float(median), "milliseconds_p95": float(late)}


def _evaluate_groups(cases: Cases, outputs: ReaderOutput) -> dict[str, Evaluation]:
    """Evaluate each group that holds digits only."""
    rows_of = {group: cases.groups == group for group in np.unique(cases.groups).tolist()}
    return {
        group: Evaluation(outputs.probabilities[rows], cases.labels[rows].astype(np.uint8))
        for group, rows in rows_of.items()
        if cases.is_digit[rows].all()
    }


def _describe_cases(
    cases: Cases, outputs: ReaderOutput, evaluations: Mapping[str, Evaluation], *, threshold: float
) -> dict[str, Any]:
    """Return the scores of each group, and the area under the ROC curve of digits against others."""
    groups: dict[str, Any] = {}
    accepted = outputs.digit_score >= threshold
    for group in np.unique(cases.groups).tolist():
        rows = cases.groups == group
        if group not in evaluations:
            groups[group] = {"size": int(rows.sum()), "refused": float(1 - accepted[rows].mean())}
            continue
        scores, writers = evaluations[group], cases.writers[rows]
        groups[group] = {
            "size": int(rows.sum()),
            "accuracy": scores.accuracy,
            "accuracy_interval_95": scores.interval,
            "worst_writer": min(float(scores.correct[writers == writer].mean()) for writer in set(writers)),
            "calibration_error": scores.reliability.error,
            "accepted": float(accepted[rows].mean()),
        }
    digits, others = outputs.digit_score[cases.is_digit], outputs.digit_score[~cases.is_digit]
    area = area_under_curve(digits, others) if len(digits) and len(others) else None
    return {"groups": groups, "area_under_curve": area}


def _plot_figures(
    evaluations: Mapping[str, Evaluation],
    images: Mapping[str, NDArray[np.generic]],
    *,
    robustness: Mapping[str, list[float]],
) -> dict[str, Figure]:
    """Plot the scores of MNIST test, and the mistakes of each group; images are (n, 28, 28)."""
    test = evaluations["MNIST test"]
    figures = {
        "confusion": score_figures.plot_confusion(test),
        "robustness": score_figures.plot_robustness(robustness, clean=test.accuracy),
        "reliability": score_figures.plot_reliability({k: e.reliability for k, e in evaluations.items()}),
    }
    for group, evaluation in evaluations.items():
        rows = 3 if evaluation is test else 6
        name = "mistakes" if evaluation is test else "mistakes_" + "_".join(group.split())
        figures[name] = score_figures.plot_mistakes(images[group], evaluation, rows=rows)
    return figures


def write_report(report: dict[str, Any]) -> str:
    """Return the text that `evaluate` prints; `report` is the result of `evaluate_release`."""
    test, refusal, reader = report["mnist_test"], report["drawn_non_digits"], report["reader"]
    return "\n".join(
        [
            score_line("MNIST test", test),
            "",
            *recall_table(test),
            "",
            "confusion: predicted 0 ... 9",
            *(f"      {digit}{_cells(row, '6d')}" for digit, row in enumerate(test["confusion"])),
            "",
            "accuracy in percent at strengths 1 to 5",
            *(f"  {name:12s}{_percents(shares)}" for name, shares in report["robustness"].items()),
            "",
            f"refusal: {100 * refusal['refused']:.1f} % of {refusal['size']:,} drawn non-digits refused; "
            f"{100 * refusal['digits_accepted']:.1f} % of the test digits accepted; "
            f"area under the curve {refusal['area_under_curve']:.4f}",
            *(_case_lines(report["cases"]) if "cases" in report else []),
            "",
            f"reader.tflite: {reader['bytes'] / 1e6:.2f} MB, {reader['milliseconds']:.2f} ms per drawing on "
            f"one thread (95th percentile {reader['milliseconds_p95']:.2f} ms)",
        ]
    )


def score_line(name: str, scores: dict[str, Any]) -> str:
    """Return a line with a data set's size, accuracy with its interval, and calibration error."""
    low, high = scores["accuracy_interval_95"]
    return (
        f"{name}, {scores['size']:,} digits: accuracy {100 * scores['accuracy']:.2f} % "
        f"(95 % interval {100 * low:.2f} to {100 * high:.2f}), "
        f"calibration error {100 * scores['calibration_error']:.2f} %"
    )


def recall_table(scores: dict[str, Any]) -> list[str]:
    """Return three lines: the digits, and the recall and precision of each in percent."""
    rows = (f"{name:9s}{_percents(scores[name])}" for name in ("recall", "precision"))
    return [f"digit   {_cells(range(10), '7d')}", *rows]


def _case_lines(cases: dict[str, Any]) -> list[str]:
    lines = ["", "drawn cases, read by the reader alone"]
    for group, scores in cases["groups"].items():
        if "accuracy" in scores:
            lines.append(
                f"  {score_line(group, scores)}, worst writer {100 * scores['worst_writer']:.0f} %, "
                f"accepted {100 * scores['accepted']:.1f} %"
            )
        else:
            lines.append(f"  {group}, {scores['size']:,}: {100 * scores['refused']:.1f} % refused")
    if cases["area_under_curve"] is not None:
        lines.append(f"  digits against others: area under the curve {cases['area_under_curve']:.4f}")
    return lines


def _percents(shares: Iterable[float]) -> str:
    return _cells((100 * share for share in shares), "7.1f")


def _cells(values: Iterable[float], spec: str) -> str:
    return "".join(format(value, spec) for value in values)
