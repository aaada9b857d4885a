"""A training run, from digits to a release folder: fit, calibrate, score the test digits once, export."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model_training.data.data_sets import MNIST, PEN_DIGITS, WRITERS
from model_training.data.fonts import describe_fonts
from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.data.pen_digits import PenDigit, split_writers
from model_training.release import release_folder
from model_training.training.checkpoint import OnEpoch, identify
from model_training.training.config import TrainingConfig
from model_training.training.fit import FittedNetwork, fit
from model_training.training.line_fit import FittedLineNetwork, fit_line
from model_training.training.line_reader import copy_line_reader, make_line_data, write_line_reader
from model_training.training.measure import make_measured_data, measure
from model_training.training.write_release import describe, write_digit_reader

_BUNDLED = Path(__file__).parents[2] / "app" / "model" / "bundled"


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
    held_out_pens = split_writers(pen_digits)[1]
    data = make_measured_data(config, validation, held_out_pens=held_out_pens)
    measures = measure(fitted.network, config, data)
    reader = write_digit_reader(folder, config, network=fitted.network, measures=measures, mnist=mnist)
    line_entries = write_line_reader(folder, line) if line else copy_line_reader(folder, _BUNDLED)
    training = config.as_dict() | {
        "training_digits": len(mnist.train) - len(validation),
        "split_by_writers": mnist.train.writers is not None,
        "pen_digits": len(pen_digits),
        "parameters": fitted.network.count_params(),
        "epoch_seconds": fitted.epoch_seconds,
    }
    return describe(
        folder,
        reader,
        history=fitted.history,
        training=training | line_entries["training"],
        line_entries=line_entries,
        data=_describe_data(config, mnist, pen_digits, of_line=line_entries["data"]),
    )


def _describe_data(
    config: TrainingConfig, mnist: Mnist, pen_digits: Sequence[PenDigit], *, of_line: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Return the entries of release.json of the data that were learnt from, with those of the line reader."""
    used = {MNIST: True, WRITERS: mnist.train.writers is not None, PEN_DIGITS: bool(pen_digits)}
    described = [data_set.describe() for data_set, is_used in used.items() if is_used]
    if config.drawn_share or config.cluttered_share or config.refuses:
        described.append(describe_fonts())
    return [*described, *(data_set for data_set in of_line if data_set not in described)]
