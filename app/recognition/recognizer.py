"""Reads the digits of a picture and explains them."""

import math
from dataclasses import replace

import cv2

from app.recognition.constants import NUMBER
from app.recognition.explanation.explanation import Explanation, NoSuchDigitError, explain_digit
from app.recognition.image.ink import Ink, extract_ink
from app.recognition.image.picture import Picture
from app.recognition.layout.components import Region, find_components, keep_components, may_have_frame
from app.recognition.layout.grouping import are_several, is_wide
from app.recognition.readers.digit_reader import DigitPrediction, DigitReader
from app.recognition.readers.number import read_number
from app.recognition.reading import Box, Digit, Expect, Reading


class Recognizer:
    """Reads pictures with one digit reader. Safe to share between threads."""

    def __init__(self, reader: DigitReader, *, acceptance_threshold: float) -> None:
        """Accept ink as a digit from a `digit_score` of `acceptance_threshold`, 0..1, on.

        In a number that is expected, or of which most digits are accepted, the threshold's log-odds are lower
        by the prior (`prior_log_odds` of constants.json).
        """
        self._reader = reader
        self._threshold = acceptance_threshold
        rejected = (1 - acceptance_threshold) * math.exp(NUMBER["prior_log_odds"])
        self._threshold_in_number = acceptance_threshold / (acceptance_threshold + rejected)

    def read(self, picture: Picture, *, expect: Expect = "auto") -> Reading:
        """Read a picture; an empty one gives an empty reading.

        With `digit` the text is always that digit; otherwise only accepted digits make the text.
        """
        ink = extract_ink(picture)
        around = Box(*cv2.boundingRect(ink))  # a small part of most pictures, and the rest costs time
        digits = tuple(
            replace(digit, box=digit.box.moved(around.x, around.y).scaled(picture.scale))
            for digit in self._read_window(ink[around.slices], picture=ink, expect=expect)
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
        return explain_digit(digits[index], reader=self._reader, acceptance_threshold=self._threshold)

    def _read_window(self, window: Ink, *, picture: Ink, expect: Expect) -> list[Digit]:
        """Read the part of a picture's ink that is not empty; boxes are relative to it."""
        if not window.size:
            return []
        framed = may_have_frame(window, picture=picture)
        in_number = expect == "number"
        components = find_components(window, level=1, framed=framed)
        if in_number or (expect == "auto" and are_several(window, components, framed=framed)):
            digits = self._read_number(window, framed=framed, in_number=in_number)
        elif components.boxes:
            region = keep_components(window, components)
            digits = [self._make_digit(region, self._reader.read_ink(region.ink), threshold=self._threshold)]
        else:
            return []
        if expect == "auto" and len(digits) == 1 and not digits[0].accepted and is_wide(digits[0].box):
            several = self._read_number(window, framed=framed, in_number=False)
            if len(several) > 1 and all(digit.accepted for digit in several):
                digits = several
        return digits

    def _read_number(self, ink: Ink, *, framed: bool, in_number: bool) -> list[Digit]:
        found = read_number(ink, self._reader.read_ink, framed=framed)
        accepted = sum(prediction.digit_score >= self._threshold for _, prediction in found)
        in_number = in_number or 2 * accepted > len(found)
        threshold = self._threshold_in_number if in_number else self._threshold
        return [self._make_digit(*each, threshold=threshold) for each in found]

    def _make_digit(self, region: Region, prediction: DigitPrediction, *, threshold: float) -> Digit:
        best = int(prediction.probabilities.argmax())
        return Digit(
            digit=best,
            confidence=float(prediction.probabilities[best]),
            digit_score=prediction.digit_score,
            accepted=prediction.digit_score >= threshold,
            probabilities=tuple(prediction.probabilities.tolist()),
            box=region.box,
            normalised=prediction.normalised,
        )
