"""The model card's tables: what was measured, on what, and how sure that is."""

from typing import Any

_TEST = "MNIST test"


def results_table(metrics: list[dict[str, Any]]) -> str:
    """One row for each data set, digits and non-digits alike."""
    rows = [_row(values) for values in _by_dataset(metrics).values()]
    head = "| measured on | pictures | result (95 % interval) | calibration error |\n|---|---|---|---|\n"
    return head + "\n".join(rows)


def label_table(metrics: list[dict[str, Any]]) -> str:
    """Recall and precision of each digit of the test set."""
    values = _by_dataset(metrics)[_TEST]
    lines = [
        "| digit | " + " | ".join(str(label) for label in range(10)) + " |",
        "|---" * 11 + "|",
        *(
            f"| {name} | " + " | ".join(f"{100 * share:.1f} %" for share in values[name]) + " |"
            for name in ("recall", "precision")
        ),
    ]
    return "\n".join(lines)


def _by_dataset(metrics: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The values of each data set by the metric's name, with its own name and size beside them."""
    found: dict[str, dict[str, Any]] = {}
    for metric in metrics:
        values = found.setdefault(metric["dataset"], {"dataset": metric["dataset"], "size": metric["size"]})
        values[metric["metric"]] = metric["value"]
    return found


def _row(values: dict[str, Any]) -> str:
    calibration = "does not apply"
    results = []
    if "accuracy" in values:
        right = f"{100 * values['accuracy']:.2f} % right"
        if "accuracy_interval_95" in values:
            low, high = values["accuracy_interval_95"]
            right += f" ({100 * low:.2f} to {100 * high:.2f})"
        results.append(right)
        calibration = f"{100 * values['calibration_error']:.2f} %"
    if "accuracy_through_reader" in values:
        results.append(f"{100 * values['accuracy_through_reader']:.2f} % through the reader")
    if "accepted" in values:
        results.append(f"{100 * values['accepted']:.1f} % accepted")
    if "refused" in values:
        results.append(f"{100 * values['refused']:.1f} % refused")
    if "area_under_curve" in values:
        results.append(f"area under the curve {values['area_under_curve']:.3f}")
    return f"| {values['dataset']} | {values['size']:,} | {'; '.join(results)} | {calibration} |"
