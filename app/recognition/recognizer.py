"""Reads the digits of a picture and explains them."""

from dataclasses import replace
from functools import partial
from statistics import mean, median

import cv2
import numpy as np
from numpy.typing import NDArray

from app.recognition.adaptation import Adaptation, Example, ExampleError
from app.recognition.constants import LINE_READER
from app.recognition.explanation.explanation import Explanation, NoSuchDigitError, explain_digit
from app.recognition.image.ink import Ink, extract_ink
from app.recognition.image.picture import Picture, PictureError
from app.recognition.layout.components import Region, find_components, keep_components, may_have_frame
from app.recognition.layout.lines import Line, find_lines
from app.recognition.readers.decoding import Opinions, expect_order
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.readers.line_reader import LineReader
from app.recognition.readers.orientation import is_turned
from app.recognition.readers.second_opinion import DigitCutter, read_again
from app.recognition.readers.text_line import PlacedSign, read_text_line
from app.recognition.reading import DIGITS, Box, Digit, Expect, LineItem, Mark, Reading

_MARGIN = 3  # pixels
_MAX_TILES = 300  # of all lines of a picture, so that one of noise takes no longer than a second
_MAX_ASPECT = 2000  # longer ink is no line; as many tiles hold about so many heights
_MAX_SIGNS = 1000  # likewise; lines below are not read
_SURE = LINE_READER["sure_score"]  # digit score; numbers that are not wide have lower ones
_FEW = LINE_READER["few"]  # components of a digit; digits that one digit may be read as
_POSSIBLE = LINE_READER["possible"]  # probability
_CERTAIN = LINE_READER["certain_number"]  # mean of digit score times confidence
_SIDEWAYS = "the picture may be sideways"
_UNREAD = LINE_READER["unread_height"]  # least height of other ink that is shown, in heights of a digit
_OTHER = "other"  # class of ink that is no part of a number

_Line = list[LineItem]


class Recognizer:
    """Reads pictures with a digit reader and a line reader. Safe to share between threads."""

    def __init__(
        self,
        reader: DigitReader,
        line_reader: LineReader,
        *,
        labels: tuple[str, ...] = DIGITS,
        acceptance_threshold: float,
        opinions: Opinions,
    ) -> None:
        """Accept a single digit from a `digit_score` of `acceptance_threshold` on, 0..1.

        The digits of a number have the score and the threshold of `opinions`. Only single digits are read if
        the `labels` of the digit reader are not 0 to 9, which the line reader knows.
        """
        self._reader = reader
        self._line_reader = line_reader
        self._labels = labels
        self._reads_lines = labels == DIGITS
        self._threshold = acceptance_threshold
        self._opinions = opinions

    def read(
        self, picture: Picture, *, expect: Expect = "auto", adaptation: Adaptation | None = None
    ) -> Reading:
        """Read a picture; an empty one gives an empty reading.

        With `digit` the text is always that digit; otherwise only accepted digits make the text.
        `adaptation` corrects the digits.
        """
        ink = extract_ink(picture)
        # A small part of most pictures, and the rest costs time. With a margin, its ink is not at an edge.
        around = Box(*cv2.boundingRect(ink)).grown(_MARGIN, within=(ink.shape[1], ink.shape[0]))
        lines, turned = self._read_window(ink[around.slices], picture=ink, expect=expect)
        move = partial(_move, window=around, scale=picture.scale, unread=turned)
        placed, number = [], 0
        for line in lines:
            if adaptation:
                line = [adaptation.adapt(sign) if isinstance(sign, Digit) else sign for sign in line]
            placed.append([move(sign, number=number) for sign in line])
            number += any(isinstance(sign, Digit) and sign.accepted for sign in placed[-1])
        reading = Reading.of_lines(placed, labels=self._labels, hint=_SIDEWAYS if turned else None)
        if expect == "digit" and reading.digits:
            text = self._labels[reading.digits[0].digit]
            return replace(reading, text=text, written=text)
        return reading

    def make_example(self, picture: Picture, digit: int) -> Example:
        """Return the example of a picture that shows one digit.

        Raises:
            PictureError: the picture is empty.
            ExampleError: there is no such digit.
        """
        found = self.read(picture, expect="digit").digits
        if not found:
            raise PictureError("the picture is empty")
        probabilities = np.array(found[0].probabilities, np.float32)
        return self.complete_example(Example(found[0].embedding, probabilities, digit))

    def complete_example(self, example: Example) -> Example:
        """Return an example; without probabilities, all digits have the same.

        Raises:
            ExampleError: it is not one of this recogniser's digit reader.
        """
        count = len(self._labels)
        if not example.probabilities.size:
            example = replace(example, probabilities=np.full(count, 1 / count, np.float32))
        sizes = {
            "probabilities": (example.probabilities.size, count),
            "embedding": (example.embedding.size, self._reader.embedding_size),
        }
        for name, (size, expected) in sizes.items():
            if size != expected:
                raise ExampleError(f"{name}: there are {size} numbers; those of this model have {expected}")
        if example.digit >= count:
            raise ExampleError(f"digit: {example.digit} is more than {count - 1}")
        return example

    def explain(self, picture: Picture, *, expect: Expect = "auto", index: int = 0) -> Explanation:
        """Read a picture and explain the digit at `index` of its reading, from 0.

        Raises:
            NoSuchDigitError: the reading has no such digit.
        """
        digits = self.read(picture, expect=expect).digits
        if not 0 <= index < len(digits):
            raise NoSuchDigitError(index, count=len(digits))
        return explain_digit(
            digits[index],
            reader=self._reader,
            acceptance_threshold=self._threshold,
            labels=self._labels,
        )

    def _read_window(self, window: Ink, *, picture: Ink, expect: Expect) -> tuple[list[_Line], bool]:
        """Read the part of a picture's ink that is not empty.

        Returns:
            The lines, with boxes in the window, and whether the picture may be sideways.
        """
        if not window.size:
            return [], False
        if not self._reads_lines:
            expect = "digit"
        lines, signs = self._read_lines(window) if expect == "number" else ([], [])
        if not any(_digits(lines)):
            components = find_components(window, level=1, framed=may_have_frame(window, picture=picture))
            if not components.boxes:
                return [], False
            whole = self._read_digit(keep_components(window, components))
            lines = [[whole]]
            if expect == "auto" and not (len(components.boxes) <= _FEW and _is_surely_one(whole)):
                several, signs = self._read_lines(window)
                if self._are_several(_digits(several), signs, whole=whole):
                    lines = several
                elif whole.digit_score < _SURE and not _may_be(whole.digit, signs):
                    lines = [[replace(whole, accepted=False)]]
        return lines, self._reads_lines and is_turned(window, signs, self._line_reader)

    def _are_several(self, digits: list[Digit], signs: list[PlacedSign], *, whole: Digit) -> bool:
        """Return whether ink is a number of these digits rather than one digit, as it is as a `whole`.

        It is none if most of its signs are neither digits nor marks, or doubtful, as in pictures of things.
        """
        count = sum(placed.sign.is_digit for placed in signs)
        others = sum(self._name(placed) == _OTHER for placed in signs)
        if count < 2 or others > count:
            return False
        certainties = sorted(digit.digit_score * digit.confidence for digit in digits)
        certainty = mean(certainties[-count:])  # without other ink, which is least certain
        # Pages and lists from afar look like a digit; what is one digit is never read as many.
        least = whole.digit_score * whole.confidence if count <= _FEW else 0
        return certainty > max(least, _CERTAIN)

    def _read_digit(self, region: Region) -> Digit:
        """Read all ink of a region as one digit."""
        prediction = self._reader.read_ink(region.ink)
        best = int(prediction.probabilities.argmax())
        return Digit(
            digit=best,
            confidence=float(prediction.probabilities[best]),
            digit_score=prediction.digit_score,
            accepted=prediction.digit_score >= self._threshold,
            probabilities=tuple(prediction.probabilities.tolist()),
            box=region.box,
            normalised=prediction.normalised,
            embedding=prediction.embedding,
        )

    def _read_lines(self, ink: Ink) -> tuple[list[_Line], list[PlacedSign]]:
        """Return the lines of digits and marks, without empty ones, and all signs with other ink as well."""
        lines: list[_Line] = []
        signs: list[PlacedSign] = []
        tiles = 0
        if max(ink.shape) > _MAX_ASPECT * min(ink.shape):
            return lines, signs
        for found in find_lines(ink):
            if tiles >= _MAX_TILES or len(signs) >= _MAX_SIGNS:
                break
            placed, read = read_text_line(found.ink, self._line_reader, most_tiles=_MAX_TILES - tiles)
            placed = placed[: _MAX_SIGNS - len(signs)]
            tiles, signs = tiles + read, signs + placed
            if line := self._read_signs(self._leave_out_small(placed), found):
                lines.append(line)
        return lines, signs

    def _leave_out_small(self, signs: list[PlacedSign]) -> list[PlacedSign]:
        """Return the signs of a line without other ink that is small, or that no digit is beside."""
        heights = [placed.box.height for placed in signs if placed.sign.is_digit]
        least = _UNREAD * median(heights) if heights else np.inf
        return [each for each in signs if self._name(each) != _OTHER or each.box.height >= least]

    def _read_signs(self, signs: list[PlacedSign], found: Line) -> _Line:
        """Return the signs of a line, and its borders between them."""
        line: _Line = []
        cutter = DigitCutter(found.ink)
        borders = iter([*found.borders, found.ink.shape[1]])
        border = next(borders)
        for placed in signs:
            while placed.box.x + placed.box.width / 2 > border:
                line.append(None)
                border = next(borders)
            sign = self._read_sign(placed, cutter)
            line.append(replace(sign, box=sign.box.moved(found.box.x, found.box.y)))
        return line if None in line else _expect_order(line)  # cells of a table are numbers of their own

    def _read_sign(self, placed: PlacedSign, cutter: DigitCutter) -> Digit | Mark:
        """Return a digit or a mark, with its box in the line; other ink is a digit that is not accepted."""
        sign = placed.sign
        if sign.is_digit:
            return read_again(placed, cutter, self._reader, self._opinions)
        if self._name(placed) == _OTHER:
            return replace(read_again(placed, cutter, self._reader, self._opinions), accepted=False)
        return Mark(self._name(placed), float(sign.probabilities[sign.kind]), placed.box)

    def _name(self, placed: PlacedSign) -> str:
        return self._line_reader.classes[placed.sign.kind]


def _expect_order(line: _Line) -> _Line:
    """Return a line with the digits that are most probable if some lines have them in order."""
    read = np.array([digit.probabilities for digit in _digits([line])]).reshape(-1, len(DIGITS))
    expected = expect_order(read)
    if expected is read:
        return line
    revised = iter(expected)
    return [_revise(sign, next(revised)) if isinstance(sign, Digit) else sign for sign in line]


def _revise(digit: Digit, probabilities: NDArray[np.float64]) -> Digit:
    """Return a digit with other probabilities, (10,)."""
    best = int(probabilities.argmax())
    confidence = float(probabilities[best])
    return replace(digit, digit=best, confidence=confidence, probabilities=tuple(probabilities.tolist()))


def _digits(lines: list[_Line]) -> list[Digit]:
    return [sign for line in lines for sign in line if isinstance(sign, Digit)]


def _may_be(digit: int, signs: list[PlacedSign]) -> bool:
    """Return whether the line reader thinks it possible that one of its signs is the digit."""
    return any(placed.sign.probabilities[digit] >= _POSSIBLE for placed in signs)


def _is_surely_one(whole: Digit) -> bool:
    """Return whether ink that was read as one digit is not a number, as for four of five drawn digits."""
    return whole.box.width <= whole.box.height and whole.digit_score >= _SURE


def _move(sign: LineItem, *, number: int, window: Box, scale: float, unread: bool) -> LineItem:
    """Return a sign of line `number` with its box in the picture; an `unread` one is not accepted."""
    if sign is None:
        return None
    box = sign.box.moved(window.x, window.y).scaled(scale)
    if unread and isinstance(sign, Digit):
        sign = replace(sign, accepted=False)
    return replace(sign, box=box, line=number)
