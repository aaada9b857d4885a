"""A report in words, for the command line."""

from typing import Any


def write_report(report: dict[str, Any]) -> str:
    """The lines that `evaluate` prints; `report` as `evaluate_release` gives it."""
    return "\n".join(
        [
            *_test(report["mnist_test"]),
            "",
            *_robustness(report["robustness"]),
            "",
            *_refusal(report["drawn_non_digits"]),
            *(_cases(report["cases"]) if "cases" in report else []),
            "",
            f"reader.tflite: {report['reader']['bytes'] / 1e6:.2f} MB, a drawing in "
            f"{report['reader']['milliseconds']:.2f} ms on one thread "
            f"(95th percentile {report['reader']['milliseconds_p95']:.2f})",
        ]
    )


def score_line(name: str, scores: dict[str, Any]) -> str:
    """One line for the scores of a data set: size, accuracy with its interval, calibration error."""
    low, high = scores["accuracy_interval_95"]
    return (
        f"{name}, {scores['size']:,} digits: {100 * scores['accuracy']:.2f} % right "
        f"(95 % interval {100 * low:.2f} to {100 * high:.2f}), "
        f"calibration error {100 * scores['calibration_error']:.2f} %"
    )


def recall_table(scores: dict[str, Any]) -> list[str]:
    """Three lines: the digits, and recall and precision of each in percent."""
    rows = (
        f"{name:9s}" + "".join(f"{100 * s:7.1f}" for s in scores[name]) for name in ("recall", "precision")
    )
    return ["digit   " + "".join(f"{digit:>7}" for digit in range(10)), *rows]


def _test(scores: dict[str, Any]) -> list[str]:
    lines = [score_line("MNIST test", scores), "", *recall_table(scores), "", "read as  0 ... 9"]
    for digit, row in enumerate(scores["confusion"]):
        lines.append(f"      {digit}" + "".join(f"{count:6d}" for count in row))
    return lines


def _robustness(accuracies: dict[str, list[float]]) -> list[str]:
    lines = ["percent right at strengths 1 to 5"]
    for name, shares in accuracies.items():
        lines.append(f"  {name:12s}" + "".join(f"{100 * share:7.1f}" for share in shares))
    return lines


def _refusal(refusal: dict[str, Any]) -> list[str]:
    return [
        f"digit or not: of {refusal['size']:,} drawn non-digits {100 * refusal['refused']:.1f} % refused, "
        f"of the test digits {100 * refusal['digits_accepted']:.1f} % accepted; "
        f"area under the curve {refusal['area_under_curve']:.4f}"
    ]


def _cases(cases: dict[str, Any]) -> list[str]:
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
