"""One training run from digits to a release folder: fit, calibrate, score the test digits once, export."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.evaluation.calibration import acceptance_threshold, digit_scores, fit_temperature
from model_training.evaluation.evaluate import Evaluation, evaluate, predict_logits
from model_training.evaluation.plots import write_figures
from model_training.release.model_card import write_card
from model_training.release.reader_export import check_agreement, export_reader, ink_of, read_ink
from model_training.release.release_folder import describe_release, new_release, write_description
from model_training.training.config import TrainingConfig
from model_training.training.fit import FittedNetwork, fit

_AGREEMENT_DIGITS = 1000


def train(config: TrainingConfig, mnist: Mnist, *, output: Path) -> dict[str, Any]:
    """Trains and writes a release folder to `output`; checkpoints and logs go to `<output>.run` meanwhile.

    Called again after a kill, it goes on from the last finished epoch.

    Returns:
        The contents of release.json.

    Raises:
        FileExistsError: there is something at `output`.
        CheckpointMismatchError: `<output>.run` holds an unfinished run of other configuration or data.
        ReaderDisagreesError: the exported reader does not answer as the network does; nothing is released.
    """
    if output.exists():
        raise FileExistsError(f"{output} exists already")
    training, validation = split_validation(mnist.train, config.validation_size, seed=config.seed)
    run_folder = output.with_name(output.name + ".run")
    identity = json.loads(json.dumps(config.as_dict() | {"digits_sha256": _fingerprint(mnist.train)}))
    fitted = fit(config, training=training, validation=validation, run_folder=run_folder, identity=identity)
    with new_release(output) as folder:
        description = _write_release(folder, config, fitted=fitted, mnist=mnist, validation=validation)
    shutil.rmtree(run_folder / "checkpoints")
    return description


def _write_release(
    folder: Path, config: TrainingConfig, *, fitted: FittedNetwork, mnist: Mnist, validation: Digits
) -> dict[str, Any]:
    network = fitted.network
    validation_logits = predict_logits(network, validation)
    temperature = fit_temperature(validation_logits, validation.labels)
    scores = digit_scores(validation_logits, temperature, refuses=config.refuses)
    test_logits = predict_logits(network, mnist.test)
    test = evaluate(test_logits, mnist.test.labels, temperature=temperature)

    network.save(folder / "model.keras")
    export_reader(network, folder / "reader.tflite", temperature=temperature, refuses=config.refuses)
    some_ink = ink_of(mnist.test.images[:_AGREEMENT_DIGITS])
    difference = check_agreement(folder / "reader.tflite", network, ink=some_ink, temperature=temperature)
    write_figures(folder / "figures", config=config, history=fitted.history, mnist=mnist, test=test)

    answers = read_ink(folder / "reader.tflite", ink_of(mnist.test.images))
    right_by_reader = answers.probabilities.argmax(axis=1) == mnist.test.labels
    held_out = evaluate(validation_logits, validation.labels, temperature=temperature)
    metrics = [
        *_metrics("MNIST validation", held_out),
        *_metrics("MNIST test", test, accuracy_through_reader=float(right_by_reader.mean())),
    ]
    epoch_seconds = float(np.median([epoch["seconds"] for epoch in fitted.history]))
    release_facts: dict[str, Any] = {
        "training": config.as_dict()
        | {
            "training_digits": len(mnist.train) - len(validation),
            "parameters": network.count_params(),
            "epoch_seconds": round(epoch_seconds, 1),
        },
        "metrics": metrics,
        "temperature": temperature,
        "acceptance_threshold": acceptance_threshold(scores),
    }
    write_card(folder, **release_facts, largest_difference=difference)
    description = describe_release(folder, **release_facts)
    write_description(folder, description)
    return description


def _metrics(dataset: str, evaluation: Evaluation, **more: float) -> list[dict[str, Any]]:
    size = len(evaluation.labels)
    values: dict[str, Any] = {
        "accuracy": evaluation.accuracy,
        "accuracy_interval_95": evaluation.interval,
        "calibration_error": evaluation.calibration_error,
        "recall": [round(float(share), 4) for share in evaluation.recall],
        "precision": [round(float(share), 4) for share in evaluation.precision],
    } | more
    return [
        {"dataset": dataset, "size": size, "metric": name, "value": value} for name, value in values.items()
    ]


def _fingerprint(digits: Digits) -> str:
    data = np.ascontiguousarray(digits.images).tobytes() + np.ascontiguousarray(digits.labels).tobytes()
    return hashlib.sha256(data).hexdigest()
