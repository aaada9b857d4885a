"""Train the line network of a release further with labelled numbers, beside lines that are synthesised anew.

Where the signs of a labelled line stand is not known: connectionist temporal classification learns from its
text alone. The new network replaces the old one only if it reads more of the held-out lines, and synthesised
ones no worse beyond noise.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.hands import Hands
from model_training.data.labelled_pictures import LabelledPictures
from model_training.data.lines import IGNORED, LONGEST, Lines, draw_lines
from model_training.evaluation.line_scores import find_lines_right
from model_training.line_format import BLANK, COLUMNS, LINE_CLASSES, LINE_HEIGHT, LINE_WIDTH
from model_training.training.checkpoint import Checkpoints
from model_training.training.config import LineConfig
from model_training.training.corrections import fit_line_ink
from model_training.training.gate import Comparison, Verdict, judge_pair
from model_training.training.line_fit import (
    CTC_SHARE,
    FittedLineNetwork,
    LineData,
    compile_line_network,
    draw_validation_lines,
    make_line_batches,
)
from model_training.training.line_reader import predict_columns, round_weights

_STRETCH, _SHIFT = 0.15, 2.0  # of a labelled line: share of its width, and pixels up or down
_LEVEL = 0.05  # of the test that synthesised lines are not read worse


@dataclass(frozen=True)
class FinetunedLine:
    """A line network that is better than the old one, and the comparison of both."""

    fitted: FittedLineNetwork
    comparisons: tuple[Comparison, ...]


def finetune_line(
    network: keras.Model,
    pictures: LabelledPictures,
    data: LineData,
    *,
    held_out: frozenset[str],
    seed: int,
    run_folder: Path,
    identity: dict[str, Any],
    config: LineConfig,
) -> FinetunedLine | None:
    """Train a copy of `network` on the texts of `pictures`, and return it if it is better, else None.

    Args:
        network: of a release.
        pictures: labelled with digits and marks; those without are left out.
        data: what other lines are made of.
        held_out: writers whose pictures are only compared.
        seed: of the lines.
        run_folder: for checkpoints; a run with the same `identity` is resumed.
        identity: as JSON values.
        config: of the training.

    Raises:
        RunMismatchError: the earlier attempt has another identity.
    """
    learnt = label_lines(pictures, [writer not in held_out for writer in pictures.writers])
    unseen = label_lines(pictures, [writer in held_out for writer in pictures.writers])
    if not len(learnt) or not len(unseen):
        return None
    new, history = _fit(
        network, config, learnt, data.training, seed=seed, run_folder=run_folder, identity=identity
    )
    validation = draw_validation_lines(data, config)
    comparisons = _compare(network, new, held_out=unseen, validation=validation)
    if any(each.verdict in ("not better", "worse") for each in comparisons):
        return None
    plain = draw_validation_lines(data, config, plain=True)
    return FinetunedLine(FittedLineNetwork(new, history, validation, plain), comparisons)


def label_lines(pictures: LabelledPictures, chosen: list[bool]) -> Lines:
    """Return the `chosen` pictures with a text as lines whose columns and boxes are unknown."""
    rows = [row for row, text in enumerate(pictures.texts) if chosen[row] and text]
    texts = [[LINE_CLASSES.index(sign) for sign in pictures.texts[row] if sign != " "] for row in rows]
    kept = [place for place, text in enumerate(texts) if len(text) <= LONGEST]
    count = len(kept)
    padded = np.full((count, LONGEST), BLANK, np.int32)
    ink = np.zeros((count, LINE_HEIGHT, LINE_WIDTH), np.uint8)
    for line, place in enumerate(kept):
        padded[line, : len(texts[place])] = texts[place]
        ink[line] = fit_line_ink(pictures.pictures[rows[place]])
    return Lines(
        ink,
        np.full((count, COLUMNS), IGNORED, np.int32),
        np.zeros((count, COLUMNS, 4), np.float32),
        padded,
        np.array([len(texts[place]) for place in kept], np.int32),
    )


def _fit(
    network: keras.Model,
    config: LineConfig,
    learnt: Lines,
    hands: Hands,
    *,
    seed: int,
    run_folder: Path,
    identity: dict[str, Any],
) -> tuple[keras.Model, list[dict[str, float]]]:
    keras.utils.set_random_seed(seed)
    student = keras.models.clone_model(network)
    student.set_weights(network.get_weights())
    for layer in student.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False  # the statistics of a few lines would be others
    steps = config.lines_per_epoch // config.batch_size
    compile_line_network(student, config, steps=steps)
    checkpoints = Checkpoints(run_folder / "checkpoints", identity)
    first = checkpoints.restore(student)
    student.fit(
        make_line_batches(
            partial(_draw_batch, learnt, hands, config),
            config,
            seed=seed,
            first=first * steps,
            last=config.epochs * steps,
        ),
        steps_per_epoch=steps,
        initial_epoch=first,
        epochs=config.epochs,
        shuffle=False,
        callbacks=[keras.callbacks.SwapEMAWeights(), checkpoints],
        verbose=2,
    )
    copy = keras.models.clone_model(network)  # not of `student`, which would be saved with its loss
    copy.set_weights(student.get_weights())
    return round_weights(copy), checkpoints.history


def _draw_batch(learnt: Lines, hands: Hands, config: LineConfig, *, generator: np.random.Generator) -> Lines:
    """Return synthesised lines; those for which the loss has CTC are replaced by labelled ones."""
    batch = draw_lines(hands, config.batch_size, generator=generator)
    for row in range(0, config.batch_size, CTC_SHARE):
        chosen = int(generator.integers(len(learnt)))
        for name in ("columns", "boxes", "texts", "lengths"):
            getattr(batch, name)[row] = getattr(learnt, name)[chosen]
        batch.ink[row] = _vary(learnt.ink[chosen], generator)
    return batch


def _vary(ink: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Stretch and move a line within its frame."""
    drawn = np.flatnonzero(ink.max(axis=0))
    left, right = (int(drawn[0]), int(drawn[-1]) + 1) if len(drawn) else (0, LINE_WIDTH)
    stretch = min(1 + generator.uniform(-_STRETCH, _STRETCH), LINE_WIDTH / (right - left))
    x = generator.uniform(0, max(LINE_WIDTH - stretch * (right - left), 0)) - stretch * left
    y = generator.uniform(-_SHIFT, _SHIFT)
    matrix = np.array([[stretch, 0, x], [0, 1, y]])
    return np.asarray(cv2.warpAffine(ink, matrix, (LINE_WIDTH, LINE_HEIGHT)), np.uint8)


def _compare(
    old: keras.Model, new: keras.Model, *, held_out: Lines, validation: Lines
) -> tuple[Comparison, ...]:
    right = [
        [find_lines_right(lines, predict_columns(network, lines)[0]) for network in (old, new)]
        for lines in (held_out, validation)
    ]
    before, after = right[0]
    shares = float(before.mean()), float(after.mean())
    better: Verdict = "better" if shares[1] > shares[0] else "not better"
    return (
        Comparison("held-out corrections, lines", *shares, len(before), better),
        judge_pair("validation lines, accuracy", *right[1], level=_LEVEL),
    )
