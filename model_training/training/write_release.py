"""The files of a release around a trained network: reader, figures, description and model card."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_training.data.handwriting import draw_signs
from model_training.data.mnist import Digits, Mnist
from model_training.data.templates import load_templates
from model_training.evaluation import score_figures
from model_training.evaluation.figure_style import STYLE, save_figures
from model_training.release import reader_export, release_folder
from model_training.release.litert_export import export_smallest
from model_training.release.model_card import render_card, render_results
from model_training.release.network_file import save_network
from model_training.training import plots
from model_training.training.checkpoint import History
from model_training.training.config import TrainingConfig
from model_training.training.measure import NON_DIGITS, Measures, score_digits

_AGREEMENT_DIGITS = 1000
_SELF_TEST_SEED = 2026


@dataclass(frozen=True)
class WrittenReader:
    """The digit reader of a release folder, and what it was measured with."""

    config: TrainingConfig
    mnist: Mnist
    test: str  # name of its test digits
    measures: Measures
    metrics: list[dict[str, Any]]  # of network and reader


def write_digit_reader(
    folder: Path,
    config: TrainingConfig,
    *,
    network: keras.Model,
    measures: Measures,
    mnist: Mnist,
    test: str = "MNIST test",
) -> WrittenReader:
    """Write network and reader into `folder`, and score them on the test digits, once.

    Args:
        folder: of the release that is being written.
        config: the recipe of the network.
        network: float32.
        measures: of the network on held-out digits.
        mnist: whose test digits are scored, or other digits in its place.
        test: name of the test digits.

    Raises:
        ReaderDisagreesError: the exported reader differs from the network.
    """
    measures = score_digits(network, config, mnist.test, name=test, measures=measures)
    of_reader = [
        {"dataset": test, "metric": metric, "size": size, "value": value}
        for metric, (size, value) in _write_models(
            folder, network, config, test=mnist.test, measures=measures
        ).items()
    ]
    return WrittenReader(config, mnist, test, measures, [*measures.metrics(), *of_reader])


def describe(
    folder: Path,
    reader: WrittenReader,
    *,
    history: History,
    training: dict[str, Any],
    line_entries: dict[str, Any],
    data: list[dict[str, str]],
    labels: Sequence[str] = release_folder.DIGITS,
) -> dict[str, Any]:
    """Write figures, results, model card and release.json, and return the contents of the latter.

    Args:
        folder: holds both readers.
        reader: as returned by `write_digit_reader`.
        history: of the training, for the figure of its curves.
        training: the entry of release.json.
        line_entries: as returned by `write_line_reader`.
        data: the entry of release.json.
        labels: the sign of each digit.
    """
    with mpl.rc_context(STYLE):
        save_figures(folder / "figures", _draw_figures(reader, history))
    metrics = [*reader.metrics, *line_entries["metrics"]]
    if reader.test == "MNIST test":
        release_folder.write_results(folder, render_results(metrics))
    path = folder / release_folder.READER_FILE
    description = release_folder.describe_release(
        folder,
        labels=labels,
        training=training,
        metrics=metrics,
        temperature=reader.measures.temperature,
        acceptance_threshold=reader.measures.threshold,
        outputs=reader_export.describe_outputs(path),
        self_test=reader_export.make_self_test(path, _self_test_digits()),
        line_reader=line_entries["line_reader"],
        data=data,
    )
    card = render_card(description)
    description = release_folder.with_card(description, card)
    (folder / release_folder.CARD_FILE).write_text(card, encoding="utf-8", newline="\n")
    text = release_folder.description_text(description)
    (folder / release_folder.RELEASE_FILE).write_text(text, encoding="utf-8")
    return description


def _self_test_digits() -> NDArray[np.uint8]:
    """Return one image of each digit, (10, 28, 28), of stroke templates: free of any licence."""
    generator = np.random.default_rng(_SELF_TEST_SEED)
    images, signs = draw_signs(load_templates("digits"), 200, generator=generator)
    return np.array([images[signs.index(str(digit))] for digit in range(10)])


def _write_models(
    folder: Path, network: keras.Model, config: TrainingConfig, *, test: Digits, measures: Measures
) -> dict[str, tuple[int, float]]:
    """Write network and reader, and return size and value of the reader's metrics."""
    save_network(network, folder / release_folder.NETWORK_FILE)
    reader, temperature = folder / release_folder.READER_FILE, measures.temperature
    ink = reader_export.ink_of(test.images)
    checked = ink[:_AGREEMENT_DIGITS]
    difference = export_smallest(
        lambda weights: reader_export.export_reader(
            network, reader, temperature=temperature, refuses=config.refuses, weights=weights
        ),
        lambda: reader_export.check_agreement(reader, network, ink=checked, temperature=temperature),
    )
    accuracy = float((reader_export.read_ink(reader, ink).probabilities.argmax(axis=1) == test.labels).mean())
    return {
        "accuracy_through_reader": (len(test), accuracy),
        "largest_difference_of_reader": (len(checked), difference),
    }


def _draw_figures(reader: WrittenReader, history: History) -> dict[str, Figure]:
    config, mnist, measures = reader.config, reader.mnist, reader.measures
    test = measures.evaluations[reader.test]
    unseen = (reader.test, list(measures.evaluations)[1])
    reliability = {name: measures.evaluations[name].reliability for name in unseen}
    digit_scores = {name: measures.digit_scores[name] for name in unseen}
    non_digit_scores = {NON_DIGITS: measures.digit_scores[NON_DIGITS]}
    figures = {
        "samples": plots.plot_samples(mnist.train),
        "augmented": plots.plot_augmented(mnist.train, config.augmentation, seed=config.seed),
        "curves": plots.plot_curves(history),
        "confusion": score_figures.plot_confusion(test),
        "mistakes": score_figures.plot_mistakes(mnist.test.images, test),
        "reliability": score_figures.plot_reliability(reliability),
        "digit_or_not": score_figures.plot_digit_scores(
            digit_scores, non_digit_scores, threshold=measures.threshold
        ),
    }
    if config.drawn_share > 0:
        figures["styles"] = plots.plot_styles(seed=config.seed)
    return figures
