"""The line reader of a release: its data, its calibration beside the digit reader, its export."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.fonts import describe_fonts, load_fonts
from model_training.data.hands import Hands, split_templates
from model_training.data.lines import Lines
from model_training.data.mnist import Digits
from model_training.data.pen_digits import PenDigit
from model_training.evaluation.line_scores import measure_lines, read_signs
from model_training.release import line_reader_export, release_folder
from model_training.release.litert_export import export_smallest
from model_training.release.network_file import save_network
from model_training.training.line_fit import FittedLineNetwork, LineData
from model_training.training.line_network import box_pixels

_DATASET = "validation lines"
_AGREEMENT_LINES = 200
_SELF_TEST_LINES = 2
_STEP = 4  # of 127, between weights: compressed, they take a quarter less, and as many signs are right
_BATCH_SIZE = 64


def make_line_data(
    training: Digits,
    validation: Digits,
    pen_digits: Sequence[PenDigit],
    *,
    held_out_pens: Sequence[PenDigit],
    seed: int,
) -> LineData:
    """Return the hands for training and, with other templates and fonts, for validation."""
    few = Digits(validation.images, validation.labels)  # too few for a hand of each writer
    return LineData(
        Hands(training, pen_digits, templates=split_templates(), fonts=load_fonts(), seed=seed),
        Hands(
            few,
            held_out_pens,
            templates=split_templates(held_out=True),
            fonts=load_fonts(held_out=True),
            seed=seed + 1,
        ),
    )


def copy_line_reader(folder: Path, release: Path) -> dict[str, Any]:
    """Copy line reader and network of another release into `folder`; return the same as `write_line_reader`.

    The bundled release has no network.
    """
    description = release_folder.read_description(release)
    shutil.copy(release / release_folder.LINE_READER_FILE, folder)
    if (release / release_folder.LINE_NETWORK_FILE).exists():
        shutil.copy(release / release_folder.LINE_NETWORK_FILE, folder)
    metrics = [metric for metric in description["metrics"] if metric["dataset"] == _DATASET]
    return {
        "line_reader": description["line_reader"],
        "metrics": metrics,
        "training": {},
        "data": description.get("data", []),
    }


def write_line_reader(folder: Path, fitted: FittedLineNetwork) -> dict[str, Any]:
    """Write network and reader into `folder`, which holds the digit reader; return entries of release.json.

    Raises:
        ReaderDisagreesError: the exported reader differs from the network.
    """
    network, lines = round_weights(fitted.network), fitted.validation
    digit_reader = folder / release_folder.READER_FILE
    logits, boxes = predict_columns(network, lines)
    plain = predict_columns(network, fitted.plain)
    measures = measure_lines(
        lines,
        logits,
        signs=read_signs(lines, logits, boxes, digit_reader=digit_reader),
        plain_signs=read_signs(fitted.plain, *plain, digit_reader=digit_reader),
    )
    reader, temperature = folder / release_folder.LINE_READER_FILE, measures.temperature
    save_network(network, folder / release_folder.LINE_NETWORK_FILE)
    difference = export_smallest(
        lambda weights: line_reader_export.export_line_reader(
            network, reader, box_pixels=box_pixels, temperature=temperature, weights=weights
        ),
        lambda: line_reader_export.check_line_agreement(
            reader, network, lines=lines.ink[:_AGREEMENT_LINES], temperature=temperature
        ),
    )
    values = measures.values | {"largest_difference_of_reader": difference}
    return {
        "line_reader": line_reader_export.describe_line_reader(
            reader, calibration=measures.as_dict(), self_test_lines=lines.ink[:_SELF_TEST_LINES]
        ),
        "metrics": [
            {"dataset": _DATASET, "size": len(lines), "metric": metric, "value": value}
            for metric, value in values.items()
        ],
        "training": {"line_parameters": network.count_params(), "line_epoch_seconds": fitted.epoch_seconds},
        "data": [describe_fonts()],
    }


def round_weights(network: keras.Model) -> keras.Model:
    """Return a copy whose convolutions have coarser weights, which int8 represents exactly."""
    rounded = []
    for values in network.get_weights():
        if values.ndim == 4:
            unit = np.abs(values).max(axis=(0, 1, 2)) / 127 + 1e-12  # of int8, for each channel
            values = np.clip(_STEP * np.round(values / unit / _STEP), -127, 127) * unit
        rounded.append(values)
    copy = keras.models.clone_model(network)
    copy.set_weights(rounded)
    return copy


def predict_columns(network: keras.Model, lines: Lines) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the network's logits (n, columns, classes) and boxes (n, columns, 4), in pixels."""
    outputs = network.predict(lines.ink[..., None] / np.float32(255), batch_size=_BATCH_SIZE, verbose=0)
    return outputs["logits"], keras.ops.convert_to_numpy(box_pixels(outputs["boxes"]))
