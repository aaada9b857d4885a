"""Evaluation reports as text for the command line."""

from collections.abc import Iterable
from typing import Any


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
