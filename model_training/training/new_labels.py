"""A reader of other numerals: the network of a release with a new head, trained on labelled pictures.

It reads single digits: the line reader of the release, which is copied, knows other signs.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.handwriting import redraw
from model_training.data.ink import crop
from model_training.data.labelled_pictures import LabelledPictures
from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.data.non_digits import draw_non_digits
from model_training.data.skeletons import trace_strokes
from model_training.errors import DatasetError
from model_training.release import release_folder
from model_training.training.batches import NO_DIGIT, Source
from model_training.training.corrections import Corrections, cut_corrections, split_corrections
from model_training.training.finetune_batches import correct, embed, make_embedding
from model_training.training.finetune_config import NEW_LABELS, FinetuneConfig
from model_training.training.finetune_fit import fit_further
from model_training.training.line_reader import copy_line_reader
from model_training.training.measure import MeasuredData, measure
from model_training.training.old_release import (
    OldRelease,
    describe_pictures,
    identify_finetuning,
    open_old,
)
from model_training.training.write_release import describe, write_digit_reader

_LEAST, _MOST = 10, 64  # labels, as the app accepts
_NON_DIGITS = 12_000  # drawn ones, and as many MNIST digits, including those that resemble a sign
_COMPARED = 2000  # pictures of signs to which non-digits are compared
_MEASURED = 4000  # drawings of held-out pictures, and non-digits
_UNLIKE = 0.05  # quantile of the likeness within a label, from which on an image resembles a sign
_SEED = 4_000_000  # of drawings to measure with, which differ from those that are learnt from
_TEST = "test pictures"


def parse_labels(signs: str) -> tuple[str, ...]:
    """Return the signs of an alphabet; spaces between them do not count.

    Raises:
        DatasetError: they are not 10 to 64 different printable characters.
    """
    labels = tuple("".join(signs.split()))
    if not _LEAST <= len(set(labels)) == len(labels) <= _MOST or not all(map(str.isprintable, labels)):
        raise DatasetError(
            f"--labels {signs!r}: give {_LEAST} to {_MOST} different characters, the signs in order"
        )
    return labels


def learn_labels(
    release: Path,
    pictures: LabelledPictures,
    labels: Sequence[str],
    *,
    mnist: Mnist,
    output: Path,
    config: FinetuneConfig = NEW_LABELS,
) -> dict[str, Any]:
    """Train the network of `release`, with a new head for `labels`, and write a new release to `output`.

    The pictures of a fifth of the writers are the test, scored once; those of a fifth of the others decide
    the epoch, the temperature and the threshold. Called again after a kill, it resumes.

    Args:
        release: folder with model.keras.
        pictures: of single signs, loaded with these labels, or of no digit.
        labels: as `parse_labels` returns them.
        mnist: a source of images that show none of the signs.
        output: the new release folder; checkpoints go to `<output>.run`.
        config: of the training.

    Returns:
        The contents of release.json.

    Raises:
        FileExistsError: `output` exists.
        FileNotFoundError, ReleaseError: as `open_old` raises them.
        DatasetError: the pictures are by fewer than three writers, or lack a sign among those to learn from.
        RunMismatchError: `<output>.run` holds another run.
        ReaderDisagreesError: the exported reader differs from the network.
    """
    if output.exists():
        raise FileExistsError(f"{output} exists already")
    old = open_old(release)
    learnt, validation, test = _split(cut_corrections(pictures, old.folder, labels), old, labels=labels)
    run = output.with_name(output.name + ".run")
    non_digits = _NonDigits(old, learnt, mnist)
    network = _replace_head(old.network, labels=len(labels), seed=config.seed)
    weights, history = fit_further(
        network,
        config,
        recipe=old.recipe,
        epochs=config.epochs(len(learnt)),
        sources=lambda: [*non_digits.make_sources(config), *correct(config, learnt)],
        held_out=validation.digits,
        run_folder=run,
        identity=identify_finetuning(old, config, pictures, mnist=mnist) | {"labels": list(labels)},
    )
    network.set_weights(weights)
    measures = measure(network, old.recipe, _make_measured_data(validation, non_digits, seed=config.seed))
    with release_folder.new_release(output) as folder:
        reader = write_digit_reader(
            folder,
            replace(old.recipe, drawn_share=0.0),  # no digits are drawn from templates
            network=network,
            measures=measures,
            mnist=Mnist(_only_digits(learnt), _only_digits(test)),
            test=_TEST,
        )
        line_entries = copy_line_reader(folder, old.folder)
        description = describe(
            folder,
            reader,
            labels=labels,
            history=history,
            training=_describe_training(old, learnt, validation, steps=len(history) * config.steps_per_epoch),
            line_entries=line_entries | {"metrics": []},
            data=[*line_entries["data"], describe_pictures(pictures)],
        )
    shutil.rmtree(run / "checkpoints")
    return description


def _describe_training(
    old: OldRelease, learnt: Corrections, validation: Corrections, *, steps: int
) -> dict[str, Any]:
    training: dict[str, Any] = old.description["training"]
    return training | {
        "finetuned_from": old.reader_sha256,
        "new_labels": {
            "pictures": len(learnt),
            "validation_pictures": len(validation),
            "writers": len(set(learnt.writers)),
            "steps": steps,
        },
    }


def _split(
    digits: Corrections, old: OldRelease, *, labels: Sequence[str]
) -> tuple[Corrections, Corrections, Corrections]:
    """Return the digits for training, validation and test, no writer on two sides."""
    if not digits.digits.images.any(axis=(1, 2)).all():
        raise DatasetError("there are pictures without any ink")
    if not old.recipe.refuses:  # it has no "no digit" class
        digits = digits.rows(digits.digits.labels != NO_DIGIT)
    if len(set(digits.writers)) < 3:
        raise DatasetError(
            f"{len(digits)} pictures of single signs by {len(set(digits.writers))} writers are too few; "
            "those of at least three writers are needed, because two are held out"
        )
    rest, test = split_corrections(digits)
    learnt, validation = split_corrections(rest)
    for some, what in ((learnt, "learn from"), (validation, "validate with"), (test, "test with")):
        missing = [sign for number, sign in enumerate(labels) if number not in some.digits.labels]
        if what == "learn from" and missing:
            raise DatasetError(f"there are no pictures of {' '.join(missing)} to {what}")
        if len(missing) == len(labels):
            raise DatasetError(f"there are no pictures of digits to {what}")
    return learnt, validation, test


def _replace_head(network: keras.Model, *, labels: int, seed: int) -> keras.Model:
    """Return the network with a new last layer, and copies of the weights of the others."""
    keras.utils.set_random_seed(seed)
    trunk = keras.models.clone_model(network)
    trunk.set_weights(network.get_weights())
    logits = keras.layers.Dense(labels, dtype="float32", name="logits")(trunk.layers[-1].input)
    return keras.Model(trunk.inputs, logits, name=network.name)


class _NonDigits:
    """Images that show none of the signs: drawn ones and MNIST's digits that do not resemble a sign.

    Likeness is the cosine between the inputs of the old network's last layer. An image resembles a sign if
    its likeness to any picture of one reaches a low quantile of the likeness between pictures of one label.
    """

    def __init__(self, old: OldRelease, learnt: Corrections, mnist: Mnist) -> None:
        self._digits, self._validation = split_validation(mnist.train, old.recipe.validation_size)
        self._refuses = old.recipe.refuses
        self._embedding = make_embedding(old.network)
        signs = _only_digits(learnt)
        signs = signs.rows(np.random.default_rng(_SEED).permutation(len(signs))[:_COMPARED])
        self._known = embed(self._embedding, signs.images)
        alike = self._known @ self._known.T
        np.fill_diagonal(alike, -1)
        alike[signs.labels[:, None] != signs.labels] = -1
        nearest = alike.max(axis=1)
        self._level = float(np.quantile(nearest[nearest >= 0], _UNLIKE)) if (nearest >= 0).any() else 1.0

    def make_sources(self, config: FinetuneConfig) -> list[Source]:
        """Return the images to learn from; none if the network does not learn to refuse."""
        if not self._refuses:
            return []
        rows = np.random.default_rng([config.seed, 6]).permutation(len(self._digits))[:_NON_DIGITS]
        drawn = draw_non_digits(_NON_DIGITS, self._digits, seed=config.seed)
        images = self._leave_out_alike(np.concatenate([drawn, self._digits.images[rows]]))
        return [Source(Digits(images, np.full(len(images), NO_DIGIT, np.uint8)), config.replayed)]

    def draw(self, *, seed: int) -> NDArray[np.uint8]:
        """Return drawn images to measure with."""
        return self._leave_out_alike(draw_non_digits(_MEASURED, self._validation, seed=seed))

    def _leave_out_alike(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        likeness = (embed(self._embedding, images) @ self._known.T).max(axis=1)
        unlike = images[likeness < self._level]
        if not len(unlike):
            raise DatasetError("every drawn non-digit resembles one of the pictures; are their labels right?")
        return np.asarray(unlike)


def _make_measured_data(validation: Corrections, non_digits: _NonDigits, *, seed: int) -> MeasuredData:
    """Return validation pictures as they are, and drawn again by other pens."""
    digits = _only_digits(validation)
    strokes = [trace_strokes(crop(image)) for image in digits.images]
    rows = np.resize(np.flatnonzero([bool(each) for each in strokes]), _MEASURED)
    again = [
        Digits(
            redraw([strokes[row] for row in rows], generator=np.random.default_rng([seed + _SEED, part])),
            digits.labels[rows],
        )
        for part in range(2)
    ]
    measured = {"validation pictures": digits, "validation pictures, drawn again": again[0]}
    return MeasuredData(measured, again[1], non_digits.draw(seed=seed + _SEED))


def _only_digits(corrections: Corrections) -> Digits:
    digits = corrections.digits
    return digits.rows(np.flatnonzero(digits.labels != NO_DIGIT))
