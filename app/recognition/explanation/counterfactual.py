"""Finds the smallest part of a digit's ink without which the reading would be another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal

import numpy as np

from app.recognition.constants import WORDING
from app.recognition.explanation.heat_map import FRAME_LEVEL
from app.recognition.image.ink import Ink
from app.recognition.readers.digit_reader import DigitPrediction, DigitReader

_MIN_SIDE = 9  # pixels of the normalised image; narrower ink, such as a 1, has no left third
_MIN_SHARE = 0.02  # of all ink; a part with less is not tried
_ROWS = ("the top third", "the middle third of its height", "the bottom third")
_COLUMNS = ("the left third", "the middle third of its width", "the right third")
_NINTHS = ("top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right")


@dataclass(frozen=True)
class Change:
    """What would change the reading of a digit."""

    # Shifted by a pixel, or without the part, it is read as `digit`, probably so, or is not accepted;
    # or nothing changes.
    kind: Literal["shifted", "read", "probably", "refused", "same", "still_refused"]
    digit: int  # read after the change
    part: str = ""  # of the ink, as in "the top third"

    def say(self, labels: Sequence[str]) -> str:
        """Return the change as a sentence; `labels` are the signs of the digits."""
        sign = labels[self.digit]
        return {
            "shifted": f"Shifted by one pixel it would be read as {sign}.",
            "read": f"Without {self.part} it would be read as {sign}.",
            "probably": f"Without {self.part} it would probably be read as {sign}.",
            "refused": f"Without {self.part} it would not be accepted as a digit.",
            "same": f"Without any single third it would still be read as {sign}.",
            "still_refused": "Without any single third it would still not be accepted as a digit.",
        }[self.kind]


def find_change(ink: Ink, *, digit: int, reader: DigitReader, acceptance_threshold: float) -> Change:
    """Leave out single parts of the ink, uint8 (28, 28), the smallest first, until another digit is read.

    Returns:
        The part and the other digit; else a part without which the ink is not accepted as a digit; else that
        nothing changes. For ink that is not accepted: a part without which it is.
    """
    whole = reader.read_ink(ink)
    if (best := _best(whole)) != digit:
        return Change("shifted", best)
    accepted = whole.digit_score >= acceptance_threshold
    refused: Change | None = None
    for part, rest in _leave_out(ink):
        prediction = reader.read_ink(rest)
        still_accepted = prediction.digit_score >= acceptance_threshold
        if still_accepted and (not accepted or _best(prediction) != digit):
            probable = prediction.probabilities.max() < WORDING["medium_confidence"]
            return Change("probably" if probable else "read", _best(prediction), part)
        if accepted and not still_accepted and not refused:
            refused = Change("refused", digit, part)
    return refused or Change("same" if accepted else "still_refused", digit)


def _best(prediction: DigitPrediction) -> int:
    return int(prediction.probabilities.argmax())


def _leave_out(ink: Ink) -> list[tuple[str, Ink]]:
    """Return the name of each part, the smallest first, and the ink without it, uint8 (28, 28)."""
    rows, columns = _thirds(ink.max(axis=1)), _thirds(ink.max(axis=0))
    windows = [*zip(_ROWS, product(rows, [slice(None)]), strict=False)]
    windows += zip(_COLUMNS, product([slice(None)], columns), strict=False)
    windows += zip((f"the ink at the {place}" for place in _NINTHS), product(rows, columns), strict=False)
    parts = []
    for name, window in windows:
        rest = ink.copy()
        rest[window] = 0
        share = 1 - float(rest.sum()) / float(ink.sum())
        if share >= _MIN_SHARE and rest.any():
            parts.append((share, name, rest))
    return [(name, rest) for _, name, rest in sorted(parts, key=lambda part: part[0])]


def _thirds(profile: Ink) -> tuple[slice, ...]:
    """Return the thirds of the span with ink; `profile` is the strongest ink at each place, uint8 (28,)."""
    places = np.flatnonzero(profile >= FRAME_LEVEL)
    start, end = int(places[0]), int(places[-1]) + 1
    if end - start < _MIN_SIDE:
        return ()
    cuts = [start, *(start + round((end - start) * third / 3) for third in (1, 2)), end]
    return tuple(slice(first, last) for first, last in pairwise(cuts))
