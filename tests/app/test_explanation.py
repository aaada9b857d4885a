"""Why a digit was read: what is measured by covering its ink, and what is said of it."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.explanation.counterfactual import describe_change
from app.recognition.explanation.explanation import NoSuchDigitError
from app.recognition.explanation.heat_map import SIDE, draw_heat_map
from app.recognition.explanation.occlusion import ink_of_seen, log_odds, read_ink
from app.recognition.image.picture import picture_of_pixels
from app.recognition.readers.digit_reader import Answer, Reader
from app.recognition.recognizer import Recognizer
from tests.conftest import Digits
from tests.pictures import Pixels, beside

THRESHOLD = 0.5
SOLID = 128  # of 255


class Ruled(Reader):
    """A reader whose answer depends on where there is ink: 7, but for what `rules` say is missing.

    Attributes:
        rules: for each third of the rows and columns, by (axis, third), the answer without its ink: a digit,
            or None for what is no digit.
        accepted: whether the whole looks like a digit.
    """

    def __init__(self, rules: dict[tuple[int, int], int | None], *, accepted: bool = True) -> None:
        self.drawing_size = 28
        self.rules = rules
        self.accepted = accepted

    def read(self, drawing: NDArray[np.uint8]) -> Answer:
        """Answer by the first rule whose ink is missing."""
        digit: int | None = 7 if self.accepted else None
        for (axis, third), answer in self.rules.items():
            profile = drawing.max(axis=1 - axis)
            if not profile[6 + 6 * third : 10 + 6 * third].any():
                digit = answer
                break
        probabilities = np.full(10, 0.01, np.float32)
        probabilities[7 if digit is None else digit] = 0.91
        return Answer(probabilities, 0.1 if digit is None else 0.9, (drawing / 255).astype(np.float32))


@pytest.fixture(scope="module")
def reader() -> Reader:
    release = open_release(BUNDLED_RELEASE)
    return Reader(release.reader, drawing_size=release.drawing_size)


@pytest.fixture(scope="module")
def recognizer(reader: Reader) -> Recognizer:
    return Recognizer(reader, acceptance_threshold=open_release(BUNDLED_RELEASE).acceptance_threshold)


@pytest.fixture
def square() -> Pixels:
    """A frame of ink from 5 to 22 in both directions, so that each third holds some."""
    ink = np.zeros((28, 28), np.uint8)
    ink[5:23, 5:23] = 255
    ink[8:20, 8:20] = 0
    return ink


def test_what_was_seen_is_seen_again(reader: Reader, recognizer: Recognizer, digits: Digits) -> None:
    """Ink made of what the network saw gives the same answer, so that what is covered is all that differs."""
    for image in digits.images[:50]:
        [digit] = recognizer.read(picture_of_pixels(image), expect="digit").digits
        again = read_ink(reader, ink_of_seen(digit.seen))
        assert np.abs(again.seen - digit.seen).max() < 0.01
        assert np.abs(again.probabilities - np.array(digit.probabilities)).max() < 0.01


def test_faint_ends_do_not_move_what_is_seen_again(reader: Reader) -> None:
    """Hair-thin ends that framed the drawing, and that are too faint in what was seen, frame it again."""
    drawing = np.zeros((reader.drawing_size,) * 2, np.uint8)
    drawing[20:92, 50:62] = 255
    drawing[20:32, 46:66] = 255
    drawing[16:96, 55:56] |= 60  # above a tenth of full ink, but a quarter of a pixel that is seen
    seen = reader.read(drawing).seen
    assert np.abs(read_ink(reader, ink_of_seen(seen)).seen - seen).max() < 0.1


def test_hot_ink_matters_most(reader: Reader, recognizer: Recognizer, digits: Digits) -> None:
    """Covering the ink that is said to speak most for the answer lowers its odds more than other ink does."""
    drops = []
    for image in digits.images[:30]:
        why = recognizer.explain(picture_of_pixels(image), expect="digit")
        ink = ink_of_seen(why.digit.seen)
        solid = ink >= SOLID
        hottest = np.unravel_index(np.where(solid, why.heat, -np.inf).argmax(), ink.shape)
        coldest = np.unravel_index(np.where(solid, why.heat, np.inf).argmin(), ink.shape)
        whole = log_odds(read_ink(reader, ink), why.digit.digit)
        hot, cold = (
            whole - log_odds(read_ink(reader, _cover(ink, *place)), why.digit.digit)
            for place in (hottest, coldest)
        )
        drops.append((hot, cold))
    assert np.mean([hot > cold for hot, cold in drops]) > 0.9
    assert np.mean([hot for hot, _ in drops]) > 1  # the odds fall to less than a third


def _cover(ink: Pixels, row: np.intp, column: np.intp) -> Pixels:
    covered = ink.copy()
    window = slice(max(0, row - 3), row + 3), slice(max(0, column - 3), column + 3)
    covered[window] = np.minimum(ink[window], 31)
    return covered


def test_heat_lies_on_the_ink(recognizer: Recognizer, digits: Digits) -> None:
    """The heat map has the shape of what was seen, and says nothing where there is no ink."""
    why = recognizer.explain(picture_of_pixels(digits.images[0]), expect="digit")
    assert why.heat.shape == why.digit.seen.shape == (28, 28)
    assert why.heat.dtype == np.float32
    assert not why.heat[why.digit.seen == 0].any()
    assert why.heat.any()


def test_runner_up_is_the_second_most_probable_digit(recognizer: Recognizer, digits: Digits) -> None:
    """It is not the answer, and no other digit is more probable."""
    for image in digits.images[:10]:
        why = recognizer.explain(picture_of_pixels(image), expect="digit")
        ordered = sorted(why.digit.probabilities, reverse=True)
        assert why.runner_up != why.digit.digit
        assert why.digit.probabilities[why.runner_up] == why.runner_up_probability == ordered[1]


def test_index_chooses_the_digit(recognizer: Recognizer, digits: Digits) -> None:
    """The digit at an index of a number is explained, and one that is not there is an error that says so."""
    picture = picture_of_pixels(beside(*digits.images[:5], gap=4))
    assert recognizer.explain(picture, index=2).digit.digit == 1
    for index in (5, -1):
        with pytest.raises(NoSuchDigitError, match=f"no digit {index}; the picture has 5 digits"):
            recognizer.explain(picture, index=index)


def test_empty_picture_has_nothing_to_explain(recognizer: Recognizer) -> None:
    """The error says that there is no digit at all."""
    with pytest.raises(NoSuchDigitError, match="the picture has no digit"):
        recognizer.explain(picture_of_pixels(np.zeros((28, 28), np.uint8)))


def test_change_comes_true(recognizer: Recognizer, digits: Digits) -> None:
    """A digit without its top third, drawn anew, is read as the change said it would be."""
    found = 0
    for image in digits.images[:150]:
        why = recognizer.explain(picture_of_pixels(image), expect="digit")
        if not why.change.startswith("Without its top third it would be"):
            continue
        found += 1
        ink = ink_of_seen(why.digit.seen)
        rows = np.flatnonzero(ink.max(axis=1) >= 26)
        ink[: rows[0] + round(len(rows) / 3)] = 0
        [digit] = recognizer.read(picture_of_pixels(ink), expect="digit").digits
        assert why.change.endswith(f" {digit.digit}.")
    assert found >= 5


@pytest.mark.parametrize(
    ("rules", "accepted", "sentence"),
    [
        ({(0, 0): 1}, True, "Without its top third it would be a 1."),
        ({(1, 2): 8}, True, "Without its right third it would be an 8."),
        ({(0, 1): None, (1, 0): 4}, True, "Without its left third it would be a 4."),
        ({(0, 2): None}, True, "Without its bottom third it would not look like a digit."),
        ({}, True, "Without any one of its thirds it would still be a 7."),
        ({(1, 1): 0}, False, "Without the third down its middle it would look like a 0."),
        ({}, False, "Without any one of its thirds it would not look like a digit either."),
    ],
)
def test_change_says_what_was_tried(
    square: Pixels, rules: dict[tuple[int, int], int | None], accepted: bool, sentence: str
) -> None:
    """It names the part without which the answer is another; another digit goes before no digit at all."""
    reader = Ruled(rules, accepted=accepted)
    assert describe_change(square, digit=7, reader=reader, acceptance_threshold=THRESHOLD) == sentence


def test_smallest_part_that_changes_the_answer_is_named(square: Pixels) -> None:
    """A corner whose ink decides is named, not the third that holds it."""

    class Cornered(Ruled):
        def read(self, drawing: NDArray[np.uint8]) -> Answer:
            self.rules = {} if drawing[5:9, 5:9].any() else {(0, 0): 3, (0, 1): 3, (0, 2): 3}
            answer = super().read(drawing)
            if not drawing[5:9, 5:9].any():
                answer.probabilities[[3, 7]] = 0.91, 0.01
            return answer

    sentence = describe_change(square, digit=7, reader=Cornered({}), acceptance_threshold=THRESHOLD)
    assert sentence == "Without the ink at the upper left it would be a 3."


def test_close_call_is_called_one(square: Pixels) -> None:
    """Where the same ink, seen again, is read as another digit, no part is blamed for it."""
    sentence = describe_change(square, digit=1, reader=Ruled({}), acceptance_threshold=THRESHOLD)
    assert sentence == "It is so close that a shift by one pixel makes it a 7."


def test_heat_map_is_orange_for_and_blue_against() -> None:
    """Ink that speaks for the answer is orange, against it blue, else grey; paper stays white."""
    seen, heat = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    seen[10, :3] = 1
    heat[10, :2] = 4, -4
    painted = np.asarray(Image.open(io.BytesIO(draw_heat_map(seen, heat))))
    assert painted.shape == (SIDE, SIDE, 3)
    scale = SIDE // 28
    orange, blue, grey, white = (painted[10 * scale, column * scale].astype(int) for column in range(4))
    assert orange[0] > orange[2] + 100
    assert blue[2] > blue[0] + 100
    assert np.ptp(grey) < 20
    assert white.tolist() == [255, 255, 255]


def test_heat_map_does_not_dramatise() -> None:
    """Where nothing matters much, nothing is painted strongly."""
    seen, heat = np.ones((28, 28), np.float32), np.full((28, 28), 0.01, np.float32)
    painted = np.asarray(Image.open(io.BytesIO(draw_heat_map(seen, heat))))
    assert np.ptp(painted[0, 0].astype(int)) < 20
