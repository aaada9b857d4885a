"""The model card's metadata: the YAML that the Hub reads, with every measured score."""

from typing import Any

from huggingface_hub import EvalResult, ModelCardData

_TASK = "image-classification"
_MNIST = "ylecun/mnist"  # MNIST's name on the Hub
_SPLITS = {"MNIST test": "test", "MNIST validation": "train"}
# Kinds of score by the Hub's names where it has one; the others keep their own.
_METRIC_TYPES = {"area_under_curve": "roc_auc", "calibration_error": "expected_calibration_error"}
_LABELS = 10


def card_metadata(description: dict[str, Any]) -> str:
    """The YAML between the two lines of dashes, for what release.json holds."""
    data = ModelCardData(
        license="mit",
        library_name="keras",
        pipeline_tag=_TASK,
        datasets=[_MNIST],
        metrics=["accuracy", "roc_auc"],
        tags=["handwriting", "handwritten-digits", "digit-recognition", "mnist", "litert", "tflite"],
        model_name=f"handwritten digit reader, {description['name']}",
        eval_results=[
            _result(metric, value=value, name=name)
            for metric in description["metrics"]
            for name, value in _scores(metric)
        ],
    )
    text: str = data.to_yaml()
    return text


def _scores(metric: dict[str, Any]) -> list[tuple[str, float]]:
    """The names and values of one entry of release.json: one score, or one for each label, or none."""
    name = metric["metric"].replace("_", " ")
    values = metric["value"]
    if not isinstance(values, list | tuple):
        return [(name, values)]
    if len(values) != _LABELS:
        return []  # an interval: it stands in the card's table
    return [(f"{name} of {label}", value) for label, value in enumerate(values)]


def _result(metric: dict[str, Any], *, value: float, name: str) -> EvalResult:
    dataset = metric["dataset"]
    split = _SPLITS.get(dataset)
    return EvalResult(
        task_type=_TASK,
        task_name="Handwritten digit recognition",
        dataset_type=_MNIST if split else dataset.replace(":", "").replace(" ", "-").lower(),
        dataset_name=dataset,
        dataset_split=split,
        metric_type=_METRIC_TYPES.get(metric["metric"], metric["metric"]),
        metric_name=name,
        metric_value=round(float(value), 6),
    )
