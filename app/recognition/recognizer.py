"""Reads the digits of a picture: picture to ink to regions to reading."""

from app.recognition.drawing import fit_drawing
from app.recognition.ink import draw_ink
from app.recognition.picture import Picture
from app.recognition.reader import Reader
from app.recognition.reading import Digit, Expect, Reading
from app.recognition.regions import Region, find_regions


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
        regions = find_regions(draw_ink(picture), expect=expect)
        digits = tuple(self._read_digit(region) for region in regions)
        text = "".join(str(digit.digit) for digit in digits if digit.accepted or expect == "digit")
        return Reading(text, digits)

    def _read_digit(self, region: Region) -> Digit:
        answer = self._reader.read(fit_drawing(region.ink, size=self._reader.drawing_size))
        best = int(answer.probabilities.argmax())
        return Digit(
            digit=best,
            confidence=float(answer.probabilities[best]),
            digit_score=answer.digit_score,
            accepted=answer.digit_score >= self._acceptance_threshold,
            probabilities=tuple(answer.probabilities.tolist()),
            box=region.box,
            seen=answer.seen,
        )
