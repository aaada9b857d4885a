"""An explanation shows which ink counts for a digit, and what would change the reading."""

import io
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.recognition.explanation.counterfactual import find_change
from app.recognition.explanation.explanation import NoSuchDigitError
from app.recognition.explanation.heat_map import SIDE, draw_heat_map, ink_of_normalised, log_odds
from app.recognition.image.picture import picture_of_pixels
from app.recognition.readers.digit_reader import DigitPrediction, DigitReader
from app.recognition.reading import DIGITS
from app.recognition.recognizer import Recognizer
from tests.conftest import Digits
from tests.pictures import Pixels, beside

THRESHOLD = 0.5
SOLID = 128  # of 255

Span = tuple[tuple[slice, slice], int | None]


class FakeReader(DigitReader):
    """A reader whose prediction depends on where there is ink: 7, or that of the first span without ink.

    Attributes:
        spans: rows and columns, and the digit when they have no ink; None for ink that is not accepted.
        accepted: whether the whole is accepted as a digit.
    """

    def __init__(self, spans: list[Span], *, accepted: bool = True) -> None:
        self.drawing_size = 28
        self.spans = spans
        self.accepted = accepted

    def read(self, drawing: NDArray[np.uint8]) -> DigitPrediction:
        """Return the prediction."""
        missing = [digit for span, digit in self.spans if not drawing[span].any()]
        digit = missing[0] if missing else 7 if self.accepted else None
        probabilities = np.full(10, 0.01, np.float32)
        probabilities[7 if digit is None else digit] = 0.91
        normalised = (drawing / 255).astype(np.float32)
        return DigitPrediction(probabilities, 0.1 if digit is None else 0.9, normalised, normalised[0])


@pytest.fixture
def square() -> Pixels:
    """A square outline from 5 to 22 in both directions, so that each third holds some ink."""
    ink = np.zeros((28, 28), np.uint8)
    ink[5:23, 5:23] = 255
    ink[8:20, 8:20] = 0
    return ink


def test_normalised_image_is_normalised_to_itself(
    reader: DigitReader, recognizer: Recognizer, digits: Digits
) -> None:
    """Ink made of a normalised image gives the same prediction, so that only covered ink changes it."""
    for image in digits.images[:50]:
        [digit] = recognizer.read(picture_of_pixels(image), expect="digit").digits
        again = reader.read_ink(ink_of_normalised(digit.normalised))
        assert np.abs(again.normalised - digit.normalised).max() < 0.01
        assert np.abs(again.probabilities - np.array(digit.probabilities)).max() < 0.01


def test_faint_ends_do_not_move_the_normalised_image(reader: DigitReader) -> None:
    """Hair-thin ends that frame the drawing, but are too faint in the normalised image, frame it again."""
    drawing = np.zeros((reader.drawing_size,) * 2, np.uint8)
    drawing[20:92, 50:62] = 255
    drawing[20:32, 46:66] = 255
    drawing[16:96, 55:56] |= 60  # above a tenth of full ink, but a quarter of a pixel after normalisation
    normalised = reader.read(drawing).normalised
    again = reader.read_ink(ink_of_normalised(normalised)).normalised
    assert np.abs(again - normalised).max() < 0.1


def test_hot_ink_matters_most(reader: DigitReader, recognizer: Recognizer, digits: Digits) -> None:
    """Covering the hottest ink lowers the odds of the digit more than covering the coldest."""
    drops = []
    for image in digits.images[:30]:
        explanation = recognizer.explain(picture_of_pixels(image), expect="digit")
        ink, digit = ink_of_normalised(explanation.digit.normalised), explanation.digit.digit
        hottest = np.where(ink >= SOLID, explanation.heat, -np.inf).argmax()
        coldest = np.where(ink >= SOLID, explanation.heat, np.inf).argmin()
        whole, without_hot, without_cold = (
            log_odds(reader.read_ink(each), digit)
            for each in (ink, _cover(ink, hottest), _cover(ink, coldest))
        )
        drops.append((whole - without_hot, whole - without_cold))
    assert np.mean([hot > cold for hot, cold in drops]) > 0.9
    assert np.mean([hot for hot, _ in drops]) > 1  # the odds fall to less than a third


def _cover(ink: Pixels, place: np.intp) -> Pixels:
    row, column = np.unravel_index(place, ink.shape)
    covered = ink.copy()
    window = slice(max(0, row - 3), row + 3), slice(max(0, column - 3), column + 3)
    covered[window] = np.minimum(ink[window], 31)
    return covered


def test_index_chooses_the_digit(recognizer: Recognizer, digits: Digits) -> None:
    """The digit at an index of a number is explained; an index without a digit is an error."""
    picture = picture_of_pixels(beside(*digits.images[:5], gap=4))
    assert recognizer.explain(picture, index=2).digit.digit == 1
    for index in (5, -1):
        with pytest.raises(NoSuchDigitError, match=f"{index}.* 5 digits"):
            recognizer.explain(picture, index=index)
    with pytest.raises(NoSuchDigitError):
        recognizer.explain(picture_of_pixels(np.zeros((28, 28), np.uint8)))


def test_change_is_true(recognizer: Recognizer, digits: Digits) -> None:
    """A digit drawn again without its top third is read as predicted; a probable one mostly."""
    found: dict[str, list[bool]] = {"read": [], "probably": []}
    for image in digits.images[:300]:
        explanation = recognizer.explain(picture_of_pixels(image), expect="digit")
        change = explanation.change
        if change.part != "the top third" or change.kind not in found:
            continue
        ink = ink_of_normalised(explanation.digit.normalised)
        rows = np.flatnonzero(ink.max(axis=1) >= 26)
        ink[: rows[0] + round(len(rows) / 3)] = 0
        [digit] = recognizer.read(picture_of_pixels(ink), expect="digit").digits
        found[change.kind].append(digit.digit == change.digit)
    assert len(found["read"]) >= 20
    assert all(found["read"])
    assert np.mean(found["probably"]) > 0.5


ALL = slice(None)
FIRST, SECOND, THIRD = slice(5, 11), slice(11, 17), slice(17, 23)  # thirds of the square


@pytest.mark.parametrize(
    ("spans", "accepted", "words"),
    [
        ([((FIRST, ALL), 1)], True, "top third .*1"),
        ([((ALL, THIRD), 8)], True, "right third .*8"),
        ([((SECOND, ALL), None), ((ALL, FIRST), 4)], True, "left third .*4"),  # not the one that is refused
        ([((THIRD, ALL), None)], True, "bottom third .*not"),
        ([((FIRST, FIRST), 3)], True, "top left .*3"),  # not the thirds that hold it
        ([], True, "still .*7"),
        ([((ALL, SECOND), 0)], False, "middle third .*width .*0"),
        ([], False, "still not"),
    ],
)
def test_change_names_the_smallest_part_that_decides(
    square: Pixels, spans: list[Span], accepted: bool, words: str
) -> None:
    """It names the part and the new reading; another digit comes before ink that is not accepted."""
    reader = FakeReader(spans, accepted=accepted)
    change = find_change(square, digit=7, reader=reader, acceptance_threshold=THRESHOLD)
    assert re.search(words, change.say(DIGITS))


def test_close_call_names_the_other_digit(square: Pixels) -> None:
    """Where the normalised image is read as another digit, no part is named."""
    change = find_change(square, digit=1, reader=FakeReader([]), acceptance_threshold=THRESHOLD)
    sentence = change.say(DIGITS)
    assert "7" in sentence
    assert "third" not in sentence


def _draw(normalised: NDArray[np.float32], heat: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the colours of row 10 of the normalised image."""
    drawn = np.asarray(Image.open(io.BytesIO(draw_heat_map(normalised, heat))))
    assert drawn.shape == (SIDE, SIDE, 3)
    return drawn[SIDE * 10 // 28, :: SIDE // 28].astype(int)


def test_heat_map_is_orange_for_and_blue_against() -> None:
    """Ink that counts for the digit is orange, against it blue, else grey; paper is white, weak heat grey."""
    normalised, heat = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    normalised[10, :3] = 1
    heat[10, :2] = 4, -4
    orange, blue, grey, white = _draw(normalised, heat)[:4]
    assert orange[0] > orange[2] + 100
    assert blue[2] > blue[0] + 100
    assert np.ptp(grey) < 20
    assert white.tolist() == [255, 255, 255]
    assert np.ptp(_draw(normalised, heat / np.float32(400))[0]) < 20
