"""Finds the smallest part of a digit's ink without which the reading would be another."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.recognition.constants import WORDING
from app.recognition.explanation.heat_map import FRAME_LEVEL
from app.recognition.image.ink import Ink
from app.recognition.readers.digit_reader import DigitPrediction, DigitReader

_MIN_SIDE = 9  # pixels of the normalised image; narrower ink, such as a 1, has no left third
_MIN_SHARE = 0.02  # of all ink; a part with less is not tried
_ROWS = ("the top third", "the middle third of its height", "the bottom third")
_COLUMNS = ("the left third", "the middle third of its width", "the right third")
_NINTHS = (
    ("the ink at the upper left", "the ink at the top", "the ink at the upper right"),
    ("the ink at the left", "the ink in the middle", "the ink at the right"),
    ("the ink at the lower left", "the ink at the bottom", "the ink at the lower right"),
)

_Window = tuple[slice, slice]


@dataclass(frozen=True)
class _Part:
    """A part of the ink.

    Attributes:
        name: as in "the ink at the upper left".
        rest: uint8 (28, 28), the ink without the part.
        share: of all ink, 0..1, that lies in the part.
    """

    name: str
    rest: Ink
    share: float


def describe_change(ink: Ink, *, digit: int, reader: DigitReader, acceptance_threshold: float) -> str:
    """Leave out single parts of the ink, uint8 (28, 28), the smallest first, until `digit` is read no more.

    Returns:
        A sentence that names the part and the other digit; else a part without which the ink is not accepted
        as a digit; else that nothing changes. For ink that is not accepted: a part without which it is.
    """
    whole = reader.read_ink(ink)
    if (best := _best(whole)) != digit:
        return f"Shifted by one pixel it would be read as {best}."
    accepted = whole.digit_score >= acceptance_threshold
    refused = ""
    for part in sorted(_parts(ink), key=lambda part: part.share):
        prediction = reader.read_ink(part.rest)
        still_accepted = prediction.digit_score >= acceptance_threshold
        if still_accepted and (not accepted or _best(prediction) != digit):
            return f"Without {part.name} it would {_say(prediction)}."
        if accepted and not still_accepted and not refused:
            refused = f"Without {part.name} it would not be accepted as a digit."
    if refused:
        return refused
    unchanged = f"be read as {digit}" if accepted else "not be accepted as a digit"
    return f"Without any single third it would still {unchanged}."


def _best(prediction: DigitPrediction) -> int:
    return int(prediction.probabilities.argmax())


def _say(prediction: DigitPrediction) -> str:
    best = _best(prediction)
    probable = prediction.probabilities[best] < WORDING["medium_confidence"]
    return f"{'probably ' if probable else ''}be read as {best}"


def _parts(ink: Ink) -> Iterator[_Part]:
    """Yield the thirds of the ink's box in either direction, and the ninths where they cross."""
    total = float(ink.sum())
    for name, window in _name_windows(ink):
        rest = ink.copy()
        rest[window] = 0
        share = 1 - float(rest.sum()) / total
        if share >= _MIN_SHARE and rest.any():
            yield _Part(name, rest, share)


def _name_windows(ink: Ink) -> Iterator[tuple[str, _Window]]:
    rows, columns = _thirds(ink.max(axis=1)), _thirds(ink.max(axis=0))
    for row, name in zip(rows, _ROWS, strict=False):
        yield name, (row, slice(None))
    for column, name in zip(columns, _COLUMNS, strict=False):
        yield name, (slice(None), column)
    for row, names in zip(rows, _NINTHS, strict=False):
        for column, name in zip(columns, names, strict=False):
            yield name, (row, column)


def _thirds(profile: Ink) -> tuple[slice, ...]:
    """Return the thirds of the span with ink; `profile` is the strongest ink at each place, uint8 (28,)."""
    places = np.flatnonzero(profile >= FRAME_LEVEL)
    start, end = int(places[0]), int(places[-1]) + 1
    if end - start < _MIN_SIDE:
        return ()
    cuts = [start, *(start + round((end - start) * third / 3) for third in (1, 2)), end]
    return tuple(slice(first, last) for first, last in pairwise(cuts))
