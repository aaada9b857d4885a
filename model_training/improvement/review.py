"""Review of corrections before they are learnt from: duplicates, doubtful labels, and a person's decisions.

A label is doubtful if the released network finds it absurd and none of the nearest neighbours has it, among
known digits and the corrections of other writers; or if the same picture has different labels. What is
doubtful is left out until a person accepts it.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_training.data.handwriting import draw_digits
from model_training.data.labelled_pictures import LabelledPictures
from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.errors import DatasetError
from model_training.evaluation.figure_style import PictureGrid
from model_training.evaluation.scores import calibrate, digit_scores, predict_logits
from model_training.release import release_folder
from model_training.release.release_folder import DIGITS
from model_training.training.batches import NO_DIGIT
from model_training.training.corrections import Corrections, cut_corrections
from model_training.training.finetune_batches import embed, make_embedding
from model_training.training.old_release import load_network
from model_training.training.recipe import recipe_of

REVIEW_FILE = "review.json"
Decision = Literal["accepted", "rejected"]
Decisions = Mapping[str, Decision]  # by key

_ABSURD = 0.01  # probability of a label, of a digit or of no digit
_NEIGHBOURS = 5
_REFERENCE = 2000  # known digits, and a quarter as many drawn non-digits
_SEED = 4_000_000
_KEY_LENGTH = 12
_ALL = "all"
_COLUMNS, _MOST_ROWS = 8, 20  # of a contact sheet


@dataclass(frozen=True)
class Doubt:
    """A correction that needs a decision.

    Attributes:
        key: its key.
        text: what it was given as.
        read: what the network reads, for each of its digits; "-" for no digit.
        reason: why it is doubtful.
        image: its first doubtful digit, uint8 (28, 28).
    """

    key: str
    text: str
    read: str
    reason: str
    image: NDArray[np.uint8]


@dataclass(frozen=True)
class Review:
    """The outcome: corrections to learn from, those in quarantine, the numbers of others, and all keys."""

    accepted: LabelledPictures
    doubts: tuple[Doubt, ...] = field(repr=False)
    duplicates: int
    rejected: int
    keys: frozenset[str] = field(repr=False)

    def describe(self) -> str:
        """Return a line of text."""
        return (
            f"{len(self.accepted):,} corrections accepted, {len(self.doubts):,} in quarantine, "
            f"{self.duplicates:,} duplicates, {self.rejected:,} rejected"
        )


def review(pictures: LabelledPictures, release: Path, *, known: Digits, decisions: Decisions) -> Review:
    """Sort corrections into those that may be learnt from, and those that need a decision.

    Args:
        pictures: the corrections.
        release: whose network judges them.
        known: digits whose labels are right.
        decisions: of a person, by key; they override what the network says.
    """
    keys = [make_key(*each) for each in zip(pictures.pictures, pictures.texts, strict=True)]
    first = sorted({key: row for row, key in reversed(list(enumerate(keys)))}.values())
    rejected = [row for row in first if decisions.get(keys[row]) == "rejected"]
    rows = [row for row in first if row not in set(rejected)]
    doubts = [
        replace(doubt, key=keys[rows[at]])
        for at, doubt in _find_doubts(pictures.rows(rows), release, known=known)
        if decisions.get(keys[rows[at]]) != "accepted"
    ]
    left_out = {doubt.key for doubt in doubts}
    accepted = [row for row in rows if keys[row] not in left_out]
    return Review(
        pictures.rows(accepted), tuple(doubts), len(keys) - len(first), len(rejected), frozenset(keys)
    )


def make_key(picture: NDArray[np.uint8], text: str) -> str:
    """Return the key of a correction: 12 hexadecimal digits that depend on picture and text."""
    content = repr((picture.shape, text)).encode() + picture.tobytes()
    return hashlib.sha256(content).hexdigest()[:_KEY_LENGTH]


def parse_decisions(text: str) -> dict[str, Decision]:
    """Return the decisions in the text of a review.json.

    Raises:
        DatasetError: it is invalid.
    """
    try:
        found = json.loads(text)
        valid = isinstance(found, dict) and set(found.values()) <= {"accepted", "rejected"}
    except (ValueError, TypeError):
        valid = False
    if not valid:
        raise DatasetError(f'{REVIEW_FILE} is invalid: it maps keys to "accepted" or "rejected"')
    return found  # type: ignore[no-any-return]


def decide(found: Review, *, accept: Collection[str], reject: Collection[str]) -> dict[str, Decision]:
    """Return the decisions for lists of keys, of which one may be "all", for all others in quarantine.

    Raises:
        DatasetError: a key is unknown, or in both lists.
    """
    lists: dict[Decision, set[str]] = {"accepted": set(accept), "rejected": set(reject)}
    for key in sorted(set(accept) | set(reject)):
        if key not in found.keys | {_ALL} or all(key in keys for keys in lists.values()):
            raise DatasetError(f"{key} is not the key of a correction, or is both accepted and rejected")
    named = {key: decision for decision, keys in lists.items() for key in keys - {_ALL}}
    others = next((decision for decision, keys in lists.items() if _ALL in keys), None)
    rest = [doubt.key for doubt in found.doubts] if others else []
    return {key: others for key in rest if others} | named


def plot_doubts(doubts: Sequence[Doubt]) -> Figure:
    """Plot a contact sheet of doubtful corrections: key, what was read, what it was given as."""
    shown = doubts[: _COLUMNS * _MOST_ROWS]
    rows = -(-len(shown) // _COLUMNS)
    title = f"{len(shown)} of {len(doubts)} corrections in quarantine: key, read, given as"
    grid = PictureGrid(rows, _COLUMNS, title=title, cell_inches=1.2, captioned=True)
    for number, doubt in enumerate(shown):
        caption = f"{doubt.key}\n{doubt.read} → {doubt.text or 'no digit'}"
        grid.show(*divmod(number, _COLUMNS), doubt.image, caption=caption)
    return grid.figure


def _find_doubts(pictures: LabelledPictures, release: Path, *, known: Digits) -> Iterable[tuple[int, Doubt]]:
    """Yield the index of each doubtful picture, with its doubt, whose key is missing."""
    cut = cut_corrections(pictures, release)
    read, absurd = _judge(cut, release, known=known)
    texts: dict[bytes, set[str]] = {}
    for picture, text in zip(pictures.pictures, pictures.texts, strict=True):
        texts.setdefault(picture.tobytes(), set()).add(text)
    for row, (picture, text) in enumerate(zip(pictures.pictures, pictures.texts, strict=True)):
        digits = np.flatnonzero(cut.sources == row)
        reason = "absurd" if absurd[digits].any() else ""
        if len(texts[picture.tobytes()]) > 1:
            reason = "given with different labels"
        if reason and len(digits):
            worst = digits[absurd[digits].argmax()]
            signs = "".join("-" if read[each] == NO_DIGIT else str(read[each]) for each in digits)
            yield row, Doubt("", text, signs, reason, cut.digits.images[worst])


def _judge(cut: Corrections, release: Path, *, known: Digits) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return what the network reads, (n,), and whether it and the nearest neighbours find labels absurd."""
    network = load_network(release)
    description = release_folder.read_description(release)
    refuses = recipe_of(description["training"]).refuses
    images, labels = cut.digits.images, cut.digits.labels.astype(np.int64)
    if not len(labels):
        return labels, np.zeros(0, bool)
    logits = predict_logits(network, images)
    score = digit_scores(logits, description["temperature"], refuses=refuses)
    of_digits = calibrate(logits, description["temperature"])
    probabilities = np.concatenate([score[:, None] * of_digits, 1 - score[:, None]], axis=1)
    classes = np.where(labels == NO_DIGIT, len(DIGITS), labels)
    absurd = probabilities[np.arange(len(labels)), classes] < _ABSURD
    reference = _make_reference(known)
    embedding = make_embedding(network)
    of_reference, of_corrections = embed(embedding, reference.images), embed(embedding, images)
    for row in np.flatnonzero(absurd):
        others = cut.writers != cut.writers[row]
        alike = np.concatenate(
            [of_reference @ of_corrections[row], of_corrections[others] @ of_corrections[row]]
        )
        nearest = np.argsort(-alike)[:_NEIGHBOURS]
        absurd[row] = labels[row] not in np.concatenate([reference.labels, labels[others]])[nearest]
    read = probabilities.argmax(axis=1)
    return np.where(read == len(DIGITS), NO_DIGIT, read), absurd


def _make_reference(known: Digits) -> Digits:
    """Return known digits, drawn ones and drawn non-digits."""
    some = known.rows(np.arange(min(_REFERENCE // 2, len(known))))
    drawn = draw_digits(_REFERENCE // 2, seed=_SEED)
    others = draw_non_digits(_REFERENCE // 4, known, seed=_SEED)
    return Digits(
        np.concatenate([some.images, drawn.images, others]),
        np.concatenate([some.labels, drawn.labels, np.full(len(others), NO_DIGIT, np.uint8)]),
    )
