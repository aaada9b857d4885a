"""Fine-tuning, from corrections to a release folder: cut, fit, compare with the old release, write."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from model_training.data.labelled_pictures import LabelledPictures
from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.data.pen_digits import PenDigit, split_writers
from model_training.errors import DatasetError, GateRefusedError
from model_training.evaluation.cases import Cases
from model_training.release import release_folder
from model_training.training.batches import NO_DIGIT, count_sources
from model_training.training.checkpoint import History
from model_training.training.corrections import Corrections, cut_corrections, split_corrections
from model_training.training.finetune_batches import make_finetuning_sources
from model_training.training.finetune_config import FinetuneConfig
from model_training.training.finetune_fit import fit_further, move_weights
from model_training.training.finetune_line import FinetunedLine, finetune_line
from model_training.training.gate import Compared, Gate, judge
from model_training.training.line_reader import copy_line_reader, make_line_data, write_line_reader
from model_training.training.measure import (
    MeasuredData,
    Measures,
    make_measured_data,
    measure,
    score_digits,
    score_non_digits,
)
from model_training.training.old_release import (
    OldRelease,
    describe_pictures,
    identify_finetuning,
    load_network,
    open_old,
)
from model_training.training.write_release import describe, write_digit_reader

GATE_FILE = "gate.json"
_CONFIG = FinetuneConfig()


@dataclass(frozen=True)
class _Parts:
    """What is learnt from, and what is held out."""

    corrections: LabelledPictures  # all of them
    learnt: Corrections
    held_out: Corrections
    uncut: int  # numbers that could not be cut
    training: Digits  # of MNIST
    validation: Digits
    pens: tuple[PenDigit, ...]
    held_out_pens: tuple[PenDigit, ...]


def finetune(
    release: Path,
    corrections: LabelledPictures,
    *,
    mnist: Mnist,
    pen_digits: Sequence[PenDigit] = (),
    cases: Cases | None = None,
    output: Path,
    config: FinetuneConfig = _CONFIG,
    on_gate: Callable[[Gate], None] = lambda _: None,
) -> dict[str, Any]:
    """Train the digit reader of `release` further with corrections, and write a new release to `output`.

    The line reader is trained further too, if the release has its network, but stays the old one if that is
    as good. Checkpoints and gate.json go to `<output>.run`. Called again after a kill, it resumes from the
    last finished epoch. The drawn `cases` are compared only. `on_gate` gets the comparison of old and new
    networks, also if it does not pass.

    Returns:
        The contents of release.json; its `training` holds the comparison as well.

    Raises:
        FileExistsError: `output` exists.
        FileNotFoundError: `release` holds no release.
        ReleaseError: the release is damaged, lacks its network, or reads other signs than the digits.
        DatasetError: the corrections are by fewer than two writers.
        RunMismatchError: `<output>.run` holds a run of another configuration or of other data.
        GateRefusedError: the new network is not better on held-out corrections, or worse elsewhere; nothing
            is released.
        ReaderDisagreesError: the exported reader differs from the network; nothing is released.
    """
    if output.exists():
        raise FileExistsError(f"{output} exists already")
    old = open_old(release)
    release_folder.check_digits(old.description, release)
    parts = _split(old, corrections, mnist=mnist, pen_digits=pen_digits)
    run = output.with_name(output.name + ".run")
    identity = identify_finetuning(old, config, corrections, mnist=mnist, pen_digits=pen_digits)
    network, history = _fit_digits(old, config, parts, run_folder=run, identity=identity)
    data = make_measured_data(old.recipe, parts.validation, held_out_pens=parts.held_out_pens)
    measures = measure(network, old.recipe, data)
    gate = judge(
        Compared(old.network, old.recipe, _measure_old(old, data)),
        Compared(network, old.recipe, measures),
        held_out=parts.held_out.digits,
        cases=cases,
    )
    line = None
    if gate.passed and old.line_network:
        line = _fit_lines(old.line_network, config, parts, run_folder=run / "line", identity=identity)
        gate = Gate((*gate.comparisons, *(line.comparisons if line else ())))
    (run / GATE_FILE).write_text(json.dumps(gate.as_dict(), indent=2) + "\n", encoding="utf-8")
    on_gate(gate)
    if not gate.passed:
        raise GateRefusedError(gate.explain())
    training = _describe_training(old, config, parts, history=history)
    with release_folder.new_release(output) as folder:
        reader = write_digit_reader(folder, old.recipe, network=network, measures=measures, mnist=mnist)
        line_entries = copy_line_reader(folder, old.folder)
        if line:
            entries = write_line_reader(folder, line.fitted)
            line_entries |= {name: entries[name] for name in ("line_reader", "metrics")}
        description = describe(
            folder,
            reader,
            history=history,
            training=old.description["training"] | training | {"gate": gate.as_dict()["comparisons"]},
            line_entries=line_entries,
            data=[*line_entries["data"], describe_pictures(corrections)],
        )
    for checkpoints in run.rglob("checkpoints"):
        shutil.rmtree(checkpoints)
    return description


def _split(
    old: OldRelease, corrections: LabelledPictures, *, mnist: Mnist, pen_digits: Sequence[PenDigit]
) -> _Parts:
    """Return the data in parts, no writer in two of them."""
    digits = _cut(corrections, old)
    return _Parts(
        corrections,
        *split_corrections(digits),
        digits.uncut,
        *split_validation(mnist.train, old.recipe.validation_size),
        *split_writers(pen_digits),
    )


def _fit_digits(
    old: OldRelease, config: FinetuneConfig, parts: _Parts, *, run_folder: Path, identity: dict[str, Any]
) -> tuple[keras.Model, History]:
    network = load_network(old.folder)
    weights, history = fit_further(
        network,
        config,
        recipe=old.recipe,
        epochs=config.epochs(len(parts.learnt)),
        sources=lambda: make_finetuning_sources(
            config,
            old.recipe,
            parts.training,
            pen_digits=parts.pens,
            corrections=parts.learnt,
            network=network,
        ),
        held_out=parts.held_out.digits,
        run_folder=run_folder,
        identity=identity,
    )
    move_weights(network, weights, parts.held_out.digits, recipe=old.recipe)
    return network, history


def _fit_lines(
    network: keras.Model, config: FinetuneConfig, parts: _Parts, *, run_folder: Path, identity: dict[str, Any]
) -> FinetunedLine | None:
    data = make_line_data(
        parts.training, parts.validation, parts.pens, held_out_pens=parts.held_out_pens, seed=config.seed
    )
    return finetune_line(
        network,
        parts.corrections,
        data,
        held_out=frozenset(parts.held_out.writers.tolist()),
        config=config.line,
        seed=config.seed,
        run_folder=run_folder,
        identity=identity,
    )


def _cut(corrections: LabelledPictures, old: OldRelease) -> Corrections:
    """Return the corrections that the old network can learn from."""
    digits = cut_corrections(corrections, old.folder)
    if not old.recipe.refuses:  # it has no "no digit" class
        digits = replace(digits.rows(digits.digits.labels != NO_DIGIT), uncut=digits.uncut)
    if len(set(digits.writers)) < 2:
        raise DatasetError(
            f"{len(digits)} digits of {len(set(digits.writers))} writers are too few; corrections of at "
            "least two writers are needed, because one is held out"
        )
    return digits


def _measure_old(old: OldRelease, data: MeasuredData) -> Measures:
    """Return the scores of the old network, with the temperature and threshold of its release."""
    measures = Measures(old.description["temperature"], old.description["acceptance_threshold"], {}, {})
    for name, digits in data.digits.items():
        measures = score_digits(old.network, old.recipe, digits, name=name, measures=measures)
    return score_non_digits(old.network, old.recipe, data.non_digits, measures=measures)


def _describe_training(
    old: OldRelease, config: FinetuneConfig, parts: _Parts, *, history: History
) -> dict[str, Any]:
    """Return what release.json says about the fine-tuning beside the recipe of the old release."""
    replayed = replace(old.recipe, batch_size=config.replayed)
    kinds = ("mnist", "redrawn", "pens", "drawn", "cluttered", "non_digits")
    counts = dict(zip(kinds, count_sources(replayed), strict=True)) | {
        "like_corrections": config.near,
        "corrections": config.corrected,
    }
    return {
        "finetuned_from": old.reader_sha256,
        "corrections": len(parts.learnt),
        "held_out_corrections": len(parts.held_out),
        "uncut_numbers": parts.uncut,
        "correction_writers": len(set(parts.learnt.writers)),
        "finetuning": dataclasses.asdict(config)
        | {
            "steps": len(history) * config.steps_per_epoch,
            "seconds": round(float(np.sum([epoch["seconds"] for epoch in history])), 1),
            "shares": {kind: round(count / config.batch_size, 4) for kind, count in counts.items()},
        },
    }
