"""Corrections: labelled pictures as images of single digits; the line reader of the release cuts numbers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.ink import Ink, find_ink, normalise_ink, place_ink
from model_training.data.labelled_pictures import LabelledPictures
from model_training.data.mnist import Digits
from model_training.evaluation.line_scores import DIGITS, cut_sign, fit_sign
from model_training.line_format import BLANK, LINE_HEIGHT, LINE_WIDTH
from model_training.normalisation import IMAGE_SIZE, INK_SIZE
from model_training.release import release_folder
from model_training.release.line_reader_export import read_lines
from model_training.training.batches import NO_DIGIT

_INNER_HEIGHT, _MARGIN = 28, 2  # pixels of a line's ink, and on each side of it, as in the app
_HELD_OUT = 5  # one writer in five


@dataclass(frozen=True)
class Corrections:
    """Digits that were labelled, with the writer of each.

    Attributes:
        digits: images uint8 (n, 28, 28), and labels, 0..9 for the digits, or NO_DIGIT.
        writers: text (n,).
        sources: the index of the picture that each digit is from, (n,).
        uncut: numbers left out, because the line reader finds another number of digits in them.
    """

    digits: Digits
    writers: NDArray[np.str_]
    sources: NDArray[np.int64]
    uncut: int = 0

    def __len__(self) -> int:
        return len(self.digits)

    def rows(self, chosen: NDArray[np.bool_]) -> "Corrections":
        """Return those that are `chosen`, bool (n,)."""
        digits = self.digits.rows(np.flatnonzero(chosen))
        return Corrections(digits, self.writers[chosen], self.sources[chosen])


def cut_corrections(
    pictures: LabelledPictures, release: Path, labels: Sequence[str] = release_folder.DIGITS
) -> Corrections:
    """Return each picture of one digit or none, and each digit of the others.

    The release's line reader cuts numbers only in the digits 0 to 9.
    """
    can_cut = tuple(labels) == release_folder.DIGITS
    numbers = [row for row, text in enumerate(pictures.texts) if len(text) > 1 and can_cut]
    lines = [fit_line_ink(pictures.pictures[row]) for row in numbers]
    cut = dict(zip(numbers, _cut(lines, release), strict=True))
    drawings: list[Ink] = []
    classes: list[int] = []
    sources: list[int] = []
    uncut = 0
    for row, (picture, text) in enumerate(zip(pictures.pictures, pictures.texts, strict=True)):
        wanted = [labels.index(sign) for sign in text if sign in labels] or [NO_DIGIT]
        found = cut[row] if row in cut else [_draw_whole(picture)]
        if len(found) != len(wanted) or (len(text) > 1 and not can_cut):
            uncut += 1
            continue
        drawings += found
        classes += wanted
        sources += [row] * len(wanted)
    none = np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    images = normalise_ink(np.array(drawings)) if drawings else none
    writers = np.array([pictures.writers[row] for row in sources], np.str_)
    digits = Digits(images, np.array(classes, np.uint8))
    return Corrections(digits, writers, np.array(sources, np.int64), uncut)


def split_corrections(corrections: Corrections) -> tuple[Corrections, Corrections]:
    """Return those for training and, of a fifth of the writers but at least one, those held out.

    They are the first ones by a hash of their names, so that new writers hardly change the split.
    """
    writers = sorted(set(corrections.writers), key=lambda name: hashlib.sha256(name.encode()).digest())
    held_out = np.isin(corrections.writers, writers[: -(-len(writers) // _HELD_OUT)])
    return corrections.rows(~held_out), corrections.rows(held_out)


def _draw_whole(picture: Ink) -> Ink:
    """Return a picture of one drawing as ink (N, N); a normalised image stays the same, as in `ink_of`."""
    if picture.shape == (IMAGE_SIZE, IMAGE_SIZE):
        enlargement = INK_SIZE // IMAGE_SIZE
        return np.kron(_contrast(picture), np.ones((enlargement, enlargement), np.uint8))
    return place_ink(find_ink(picture))


def _contrast(picture: Ink) -> Ink:
    paper = int(np.median(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])))
    return np.abs(picture.astype(np.int16) - paper).astype(np.uint8)


def _cut(lines: Sequence[Ink], release: Path) -> list[list[Ink]]:
    """Return the digits that the release's line reader finds in each line, each as ink (N, N)."""
    if not lines:
        return []
    read = read_lines(release / release_folder.LINE_READER_FILE, np.array(lines))
    return [_cut_line(*each) for each in zip(lines, read["probabilities"], read["boxes"], strict=True)]


def _cut_line(line: Ink, probabilities: NDArray[np.float32], boxes: NDArray[np.float32]) -> list[Ink]:
    classes = probabilities.argmax(axis=1)
    starts = np.flatnonzero(np.diff(classes, prepend=-1))
    found = []
    for start, end in zip(starts, [*starts[1:], len(classes)], strict=True):
        if classes[start] < DIGITS:
            column = start + int(probabilities[start:end, BLANK].argmin())
            found.append(fit_sign(cut_sign(line, boxes[column])))
    return found


def fit_line_ink(picture: Ink) -> Ink:
    """Return the ink of a picture as an input of the line reader, (32, 256)."""
    ink = find_ink(picture)
    line = np.zeros((LINE_HEIGHT, LINE_WIDTH), np.uint8)
    if not ink.size:
        return line
    scale = min(_INNER_HEIGHT / len(ink), (LINE_WIDTH - 2 * _MARGIN) / ink.shape[1])
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    top = (LINE_HEIGHT - height) // 2
    line[top : top + height, _MARGIN : _MARGIN + width] = cv2.resize(
        ink, (width, height), interpolation=interpolation
    )
    return line
