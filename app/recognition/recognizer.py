"""Reads the digits of a picture: picture to ink to regions to reading."""

import math
from dataclasses import replace

import cv2

from app.recognition.explanation.explanation import Explanation, NoSuchDigitError, explain_digit
from app.recognition.image.ink import Ink, draw_ink
from app.recognition.image.picture import Picture
from app.recognition.layout.components import Pieces, Region, find_pieces, may_have_frame
from app.recognition.layout.single_digit import are_several, is_wide, take_as_one
from app.recognition.readers.digit_reader import Answer, Reader
from app.recognition.readers.drawing import fit_drawing
from app.recognition.readers.number import read_number
from app.recognition.reading import Box, Digit, Expect, Reading

# Who asks for a number says that what stands there is a digit, most likely. So do the others beside it, if
# most of them are. Natural logarithm of the odds.
_TOLD = 1.5


class Recognizer:
    """Reads pictures with one reader. Safe to share between threads."""

    def __init__(self, reader: Reader, *, acceptance_threshold: float) -> None:
        """Accept as digits what has a `digit_score`, 0..1, of at least `acceptance_threshold`."""
        self._reader = reader
        self._acceptance_threshold = acceptance_threshold

    def read(self, picture: Picture, *, expect: Expect = "auto") -> Reading:
        """Read a picture; an empty one gives an empty reading.

        A single expected digit is always the text; otherwise only accepted digits make the text.
        """
        digits = tuple(
            replace(digit, box=digit.box.scaled(picture.scale))
            for digit in self._read_ink(draw_ink(picture), expect)
        )
        text = "".join(str(digit.digit) for digit in digits if digit.accepted or expect == "digit")
        return Reading(text, digits)

    def explain(self, picture: Picture, *, expect: Expect = "auto", index: int = 0) -> Explanation:
        """Read a picture and explain the digit at `index` of its reading, from 0.

        Raises:
            NoSuchDigitError: the reading has no such digit.
        """
        digits = self.read(picture, expect=expect).digits
        if not 0 <= index < len(digits):
            raise NoSuchDigitError(index, count=len(digits))
        return explain_digit(
            digits[index], reader=self._reader, acceptance_threshold=self._acceptance_threshold
        )

    def _read_ink(self, ink: Ink, expect: Expect) -> tuple[Digit, ...]:
        around = Box(*cv2.boundingRect(ink))  # a small part of most pictures, and the rest costs time
        window = ink[around.slices]
        if not window.size:
            return ()
        framed = may_have_frame(window, picture=ink)
        told = expect == "number"
        pieces = find_pieces(window, level=1, framed=framed)
        if told or (expect == "auto" and are_several(window, pieces, framed=framed)):
            digits = self._read_number(window, framed=framed, told=told)
        else:
            digits = self._read_one(window, pieces)
        if expect == "auto" and len(digits) == 1 and not digits[0].accepted and is_wide(digits[0].box):
            several = self._read_number(window, framed=framed, told=False)
            if len(several) > 1 and all(digit.accepted for digit in several):
                digits = several
        return tuple(replace(digit, box=digit.box.moved(around.x, around.y)) for digit in digits)

    def _read_one(self, ink: Ink, pieces: Pieces) -> list[Digit]:
        region = take_as_one(ink, pieces)
        return [self._judge(region, self._ask(region.ink))] if region else []

    def _read_number(self, ink: Ink, *, framed: bool, told: bool) -> list[Digit]:
        found = read_number(ink, self._ask, framed=framed)
        digits = [self._judge(region, answer, told=told) for region, answer in found]
        if not told and 2 * sum(digit.accepted for digit in digits) > len(digits):
            digits = [self._judge(region, answer, told=True) for region, answer in found]
        return digits

    def _ask(self, ink: Ink) -> Answer:
        return self._reader.read(fit_drawing(ink, size=self._reader.drawing_size))

    def _judge(self, region: Region, answer: Answer, *, told: bool = False) -> Digit:
        """Make a digit of the reader's answer; `told` that it is in a number, it is the likelier a digit."""
        score = _shift(answer.digit_score, by=_TOLD) if told else answer.digit_score
        best = int(answer.probabilities.argmax())
        return Digit(
            digit=best,
            confidence=float(answer.probabilities[best]),
            digit_score=score,
            accepted=score >= self._acceptance_threshold,
            probabilities=tuple(answer.probabilities.tolist()),
            box=region.box,
            seen=answer.seen,
        )


def _shift(score: float, *, by: float) -> float:
    """A probability with its log-odds shifted."""
    return score / (score + (1 - score) * math.exp(-by))
