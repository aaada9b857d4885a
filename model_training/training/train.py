"""A training run, from digits to a release folder: fit, calibrate, score the test digits once, export."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_training.data.data_sets import MNIST, PEN_DIGITS, WRITERS
from model_training.data.fonts import describe_fonts
from model_training.data.handwriting import draw_signs
from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.data.pen_digits import PenDigit, split_writers
from model_training.data.templates import load_templates
from model_training.evaluation import score_figures
from model_training.evaluation.figure_style import STYLE, save_figures
from model_training.release import reader_export, release_folder
from model_training.release.litert_export import export_smallest
from model_training.release.model_card import render_card, render_results
from model_training.release.network_file import save_network
from model_training.training import plots
from model_training.training.checkpoint import OnEpoch, identify
from model_training.training.config import TrainingConfig
from model_training.training.fit import FittedNetwork, fit
from model_training.training.line_fit import FittedLineNetwork, fit_line
from model_training.training.line_reader import copy_line_reader, make_line_data, write_line_reader
from model_training.training.measure import NON_DIGITS, Measures, measure

_BUNDLED = Path(__file__).parents[2] / "app" / "model" / "bundled"
_AGREEMENT_DIGITS = 1000
_SELF_TEST_SEED = 2026


def train(
    config: TrainingConfig,
    mnist: Mnist,
    *,
    output: Path,
    pen_digits: Sequence[PenDigit] = (),
    on_epoch: OnEpoch = lambda _: None,
) -> dict[str, Any]:
    """Train both readers, write a release folder to `output`, and return the contents of release.json.

    Checkpoints and logs go to `<output>.run`. Called again after a kill, it resumes from the last finished
    epoch. `on_epoch` is that of `fit`, and is called for the digit reader only.

    Raises:
        FileExistsError: `output` exists.
        RunMismatchError: `<output>.run` holds a run of another configuration or of other data.
        ReaderDisagreesError: the exported reader differs from the network; nothing is released.
    """
    if output.exists():
        raise FileExistsError(f"{output} exists already")
    training, validation = split_validation(mnist.train, config.validation_size)
    pens, held_out_pens = split_writers(pen_digits)
    run = output.with_name(output.name + ".run")
    identity = identify(config, mnist.train, pen_digits)
    fitted = fit(
        config,
        training=training,
        validation=validation,
        pen_digits=pens,
        run_folder=run,
        identity=identity,
        on_epoch=on_epoch,
    )
    line = None
    if config.line:
        data = make_line_data(training, validation, pens, held_out_pens=held_out_pens, seed=config.seed)
        line = fit_line(config.line, data, seed=config.seed, run_folder=run / "line", identity=identity)
    with release_folder.new_release(output) as folder:
        description = _write_release(
            folder,
            config,
            fitted=fitted,
            line=line,
            mnist=mnist,
            validation=validation,
            pen_digits=pen_digits,
        )
    for checkpoints in run.rglob("checkpoints"):
        shutil.rmtree(checkpoints)
    return description


def _write_release(
    folder: Path,
    config: TrainingConfig,
    *,
    fitted: FittedNetwork,
    line: FittedLineNetwork | None,
    mnist: Mnist,
    validation: Digits,
    pen_digits: Sequence[PenDigit],
) -> dict[str, Any]:
    measures = measure(
        fitted.network,
        config,
        validation=validation,
        test=mnist.test,
        held_out_pens=split_writers(pen_digits)[1],
    )
    reader_metrics = _write_models(folder, fitted.network, config, test=mnist.test, measures=measures)
    line_entries = write_line_reader(folder, line) if line else copy_line_reader(folder, _BUNDLED)
    with mpl.rc_context(STYLE):
        figures = _draw_figures(config, fitted=fitted, mnist=mnist, measures=measures)
        save_figures(folder / "figures", figures)
    metrics = [*measures.metrics(), *reader_metrics, *line_entries["metrics"]]
    release_folder.write_results(folder, render_results(metrics))
    description = release_folder.describe_release(
        folder,
        training=config.as_dict()
        | {
            "training_digits": len(mnist.train) - len(validation),
            "split_by_writers": mnist.train.writers is not None,
            "pen_digits": len(pen_digits),
            "parameters": fitted.network.count_params(),
            "epoch_seconds": fitted.epoch_seconds,
        }
        | line_entries["training"],
        metrics=metrics,
        temperature=measures.temperature,
        acceptance_threshold=measures.threshold,
        outputs=reader_export.describe_outputs(folder / release_folder.READER_FILE),
        self_test=reader_export.make_self_test(folder / release_folder.READER_FILE, _self_test_digits()),
        line_reader=line_entries["line_reader"],
        data=_describe_data(config, mnist, pen_digits, of_line=line_entries["data"]),
    )
    card = render_card(description)
    description = release_folder.with_card(description, card)
    (folder / release_folder.CARD_FILE).write_text(card, encoding="utf-8", newline="\n")
    text = release_folder.description_text(description)
    (folder / release_folder.RELEASE_FILE).write_text(text, encoding="utf-8")
    return description


def _describe_data(
    config: TrainingConfig, mnist: Mnist, pen_digits: Sequence[PenDigit], *, of_line: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Return the entries of release.json of the data that were learnt from, with those of the line reader."""
    used = {MNIST: True, WRITERS: mnist.train.writers is not None, PEN_DIGITS: bool(pen_digits)}
    described = [data_set.describe() for data_set, is_used in used.items() if is_used]
    if config.drawn_share or config.cluttered_share or config.refuses:
        described.append(describe_fonts())
    return [*described, *(data_set for data_set in of_line if data_set not in described)]


def _self_test_digits() -> NDArray[np.uint8]:
    """Return one image of each digit, (10, 28, 28), of stroke templates: free of any licence."""
    generator = np.random.default_rng(_SELF_TEST_SEED)
    images, signs = draw_signs(load_templates("digits"), 200, generator=generator)
    return np.array([images[signs.index(str(digit))] for digit in range(10)])


def _write_models(
    folder: Path, network: keras.Model, config: TrainingConfig, *, test: Digits, measures: Measures
) -> list[dict[str, Any]]:
    """Write network and reader, and return the reader's metrics."""
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
    return [
        {"dataset": "MNIST test", "size": size, "metric": metric, "value": value}
        for size, metric, value in (
            (len(test), "accuracy_through_reader", accuracy),
            (len(checked), "largest_difference_of_reader", difference),
        )
    ]


def _draw_figures(
    config: TrainingConfig, *, fitted: FittedNetwork, mnist: Mnist, measures: Measures
) -> dict[str, Figure]:
    test = measures.evaluations["MNIST test"]
    unseen = ("MNIST test", "drawn digits")
    reliability = {name: measures.evaluations[name].reliability for name in unseen}
    digit_scores = {name: measures.digit_scores[name] for name in unseen}
    non_digit_scores = {NON_DIGITS: measures.digit_scores[NON_DIGITS]}
    figures = {
        "samples": plots.plot_samples(mnist.train),
        "augmented": plots.plot_augmented(mnist.train, config.augmentation, seed=config.seed),
        "curves": plots.plot_curves(fitted.history),
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
