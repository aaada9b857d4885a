"""The model card, rendered from release.json alone, so that every number in it was measured.

All text is in `model_card.md.jinja`. The card is rendered twice: in a release folder its examples open the
files beside it; publishing renders it again with the repo's name, and updates the hash in release.json.
"""

from pathlib import Path
from typing import Any

import yaml
from huggingface_hub import EvalResult, EvalResultEntry, ModelCardData, eval_result_entries_to_yaml
from jinja2 import Environment, StrictUndefined

_TEMPLATE = Path(__file__).with_name("model_card.md.jinja")
_TASK = "image-classification"
_SIDE = 28  # pixels of a picture in the self-test
_MNIST = "ylecun/mnist"  # MNIST on the Hub
_SPLITS = {"MNIST test": "test", "MNIST validation": "train"}
# The Hub's names of metrics, where they differ from those of release.json.
_METRIC_TYPES = {"area_under_curve": "roc_auc", "calibration_error": "expected_calibration_error"}


def render_card(description: dict[str, Any], *, repo_id: str | None = None) -> str:
    """Return the text of README.md.

    Args:
        description: the contents of release.json, with its files other than the card.
        repo_id: `user/name` on the Hub; None for the card of a release folder.

    Raises:
        KeyError, TypeError, ValueError, jinja2.UndefinedError: `description` is not that of a release.
    """
    # The card is Markdown, so nothing is escaped for HTML.
    environment = Environment(  # noqa: S701
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        description,
        metadata=_metadata(description),
        datasets=_scores_by_dataset(description["metrics"]),
        ink_size=description["input"]["shape"][1],
        enlargement=description["input"]["shape"][1] // _SIDE,
        repo_id=repo_id,
    )


def render_results(metrics: list[dict[str, Any]]) -> str:
    """Return `.eval_results/mnist.yaml`, as in https://huggingface.co/docs/hub/eval-results."""
    accuracy = _scores_by_dataset(metrics)["MNIST test"]["accuracy"]
    note = "percent of the test digits, scored once, after training"
    entry = EvalResultEntry(_MNIST, task_id=_TASK, value=round(100 * accuracy, 2), notes=note)
    return str(yaml.safe_dump(eval_result_entries_to_yaml([entry]), sort_keys=False))


def _scores_by_dataset(metrics: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the size and the scores of each data set, by the names of the metrics."""
    datasets: dict[str, dict[str, Any]] = {}
    for metric in metrics:
        scores = datasets.setdefault(metric["dataset"], {"size": metric["size"]})
        scores[metric["metric"]] = metric["value"]
    return datasets


def _metadata(description: dict[str, Any]) -> str:
    """Return the YAML that the Hub reads, with every score as a result."""
    data = ModelCardData(
        license="mit",
        library_name="keras",
        pipeline_tag=_TASK,
        datasets=[_MNIST],
        metrics=["accuracy", "roc_auc"],
        tags=["handwriting", "handwritten-digits", "digit-recognition", "mnist", "litert", "tflite"],
        model_name=f"handwritten digit reader, {description['name']}",
        eval_results=[
            result for metric in description["metrics"] for result in _results(metric, description["labels"])
        ],
    )
    text: str = data.to_yaml()
    return text


def _results(metric: dict[str, Any], labels: list[str]) -> list[EvalResult]:
    """Return the results of a metric of release.json: one score, one per label, or none for an interval."""
    name, value, dataset = metric["metric"].replace("_", " "), metric["value"], metric["dataset"]
    scores = {name: value}
    if isinstance(value, list | tuple):
        per_label = zip(labels, value, strict=True) if len(value) == len(labels) else ()
        scores = {f"{name} of {label}": score for label, score in per_label}
    split = _SPLITS.get(dataset)
    return [
        EvalResult(
            task_type=_TASK,
            task_name="Handwritten digit recognition",
            dataset_type=_MNIST if split else dataset.replace(":", "").replace(" ", "-").lower(),
            dataset_name=dataset,
            dataset_split=split,
            metric_type=_METRIC_TYPES.get(metric["metric"], metric["metric"]),
            metric_name=score_name,
            metric_value=round(float(score), 6),
        )
        for score_name, score in scores.items()
    ]
