"""Finds what would have to be missing from a digit for the answer to be another, by leaving it out."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.recognition.explanation.occlusion import FRAME_LEVEL, read_ink
from app.recognition.explanation.wording import MOST_LIKELY, with_article
from app.recognition.image.ink import Ink
from app.recognition.readers.digit_reader import Answer, Reader

_LEAST_SIDE = 9  # pixels of what is seen: a narrower digit, such as a 1, is not parted from left to right
_LEAST_INK = 0.02  # of all: a part with less is no part
_ROWS = ("its top third", "the third across its middle", "its bottom third")
_COLUMNS = ("its left third", "the third down its middle", "its right third")
_NINTHS = (
    ("the ink at the upper left", "the ink at the top", "the ink at the upper right"),
    ("the ink at the left", "the ink in the middle", "the ink at the right"),
    ("the ink at the lower left", "the ink at the bottom", "the ink at the lower right"),
)

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Part:
    """A part of the ink with a name as in "the ink at the upper left", and the ink that is left without it.

    Attributes:
        name: to be read after "without".
        rest: uint8 (28, 28).
        share: of all ink, 0..1, that lies in the part.
    """

    name: str
    rest: Ink
    share: float


def describe_change(ink: Ink, *, digit: int, reader: Reader, acceptance_threshold: float) -> str:
    """Leave out parts of the ink, uint8 (28, 28), the smallest first, until the answer is no longer `digit`.

    Each part is left out by itself, and the rest is read as if the part had never been drawn.

    Returns:
        A sentence that tells what was found: another digit, else that it is no digit any more, else that
        nothing changes. Of ink that is not accepted: what has to go so that it looks like a digit.
    """
    whole = read_ink(reader, ink)
    if (best := _best(whole)) != digit:
        return f"It is so close that a shift by one pixel makes it {with_article(best)}."
    accepted = whole.digit_score >= acceptance_threshold
    refused = ""
    for part in sorted(_parts(ink), key=lambda part: part.share):
        answer = read_ink(reader, part.rest)
        looks = answer.digit_score >= acceptance_threshold
        if looks and (not accepted or _best(answer) != digit):
            return f"Without {part.name} it would {_say(answer, accepted=accepted)}."
        if accepted and not looks and not refused:
            refused = f"Without {part.name} it would not look like a digit."
    if refused:
        return refused
    still = f"would still be {with_article(digit)}" if accepted else "would not look like a digit either"
    return f"Without any one of its thirds it {still}."


def _best(answer: Answer) -> int:
    return int(answer.probabilities.argmax())


def _say(answer: Answer, *, accepted: bool) -> str:
    best = _best(answer)
    if not accepted:
        return f"look like {with_article(best)}"
    return f"{'be' if answer.probabilities[best] >= MOST_LIKELY else 'rather be'} {with_article(best)}"


def _parts(ink: Ink) -> Iterator[Part]:
    """Yield the thirds of the ink's box in either direction, and the ninths where both cross."""
    total = float(ink.sum())
    for name, window in _name_windows(ink):
        rest = ink.copy()
        rest[window] = 0
        share = 1 - float(rest.sum()) / total
        if share >= _LEAST_INK and rest.any():
            yield Part(name, rest, share)


def _name_windows(ink: Ink) -> Iterator[tuple[str, Window]]:
    rows, columns = _thirds(ink.max(axis=1)), _thirds(ink.max(axis=0))
    for row, name in zip(rows, _ROWS, strict=False):
        yield name, (row, slice(None))
    for column, name in zip(columns, _COLUMNS, strict=False):
        yield name, (slice(None), column)
    for row, names in zip(rows, _NINTHS, strict=False):
        for column, name in zip(columns, names, strict=False):
            yield name, (row, column)


def _thirds(profile: Ink) -> tuple[slice, ...]:
    """Part the places with ink in three; `profile` is the strongest ink at each, uint8 (28,)."""
    places = np.flatnonzero(profile >= FRAME_LEVEL)
    start, end = int(places[0]), int(places[-1]) + 1
    if end - start < _LEAST_SIDE:
        return ()
    cuts = [start, *(start + round((end - start) * third / 3) for third in (1, 2)), end]
    return tuple(slice(first, last) for first, last in pairwise(cuts))
