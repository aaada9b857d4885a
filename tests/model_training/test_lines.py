"""Synthesised lines: their answers are true, and no one writes on both sides of the validation."""

from pathlib import Path

import numpy as np
import pytest

from model_training.data.hands import Hands, split_templates
from model_training.data.line_text import write_text
from model_training.data.lines import CUT, draw_lines
from model_training.data.mnist import Digits, Mnist, split_validation
from model_training.data.pen_digits import load_pen_digits, parse_pen_digits, split_writers
from model_training.errors import DatasetError
from model_training.line_format import BLANK, COLUMN_WIDTH, LINE_CLASSES

_UNIPEN = """
.SEGMENT DIGIT 0 ? "{label}"
.COMMENT {label} {writer} 1
.PEN_DOWN
 100 300
 150 200
 100 100
.PEN_UP
.PEN_DOWN
 200 250
 200 150
.PEN_UP
"""


@pytest.fixture(scope="module")
def hands(mnist: Mnist) -> Hands:
    return Hands(mnist.train)


def test_every_box_holds_the_ink_of_its_sign(hands: Hands) -> None:
    """On clean paper there is ink in each box, around its columns; strokes that join signs may be outside."""
    lines = draw_lines(hands, 60, generator=np.random.default_rng(1), plain=True)
    for ink, columns, boxes in zip(lines.ink, lines.columns, lines.boxes, strict=True):
        covered = np.zeros(ink.shape, bool)
        for column in np.flatnonzero((columns != BLANK) & (columns >= 0)):
            left, top, right, bottom = boxes[column]
            place = slice(max(int(top) - 1, 0), int(bottom) + 2), slice(max(int(left) - 1, 0), int(right) + 2)
            assert ink[place].any()
            assert left - COLUMN_WIDTH <= COLUMN_WIDTH * column <= right + COLUMN_WIDTH
            covered[place] = True
        if CUT not in columns:
            assert ink[~covered].astype(int).sum() <= 0.05 * ink.sum()


def test_columns_spell_the_text(hands: Hands) -> None:
    """The labelled columns from left to right, without blanks and repetitions, are the text."""
    lines = draw_lines(hands, 60, generator=np.random.default_rng(2))
    for columns, text, length in zip(lines.columns, lines.texts, lines.lengths, strict=True):
        runs = columns[np.flatnonzero(np.diff(columns, prepend=-2))]
        assert [run for run in runs if run >= 0 and run != BLANK] == text[:length].tolist()


def test_same_generator_gives_the_same_lines(hands: Hands) -> None:
    """So that a resumed training sees the lines that it would have seen."""
    first, second = (draw_lines(hands, 20, generator=np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first.ink, second.ink)
    assert np.array_equal(first.columns, second.columns)


def test_texts_have_only_known_signs() -> None:
    """Every character is a digit, a mark, a gap, or stands for other ink."""
    generator = np.random.default_rng(4)
    characters = set("".join(write_text(generator) for _ in range(3000)))
    assert characters == set(LINE_CLASSES[:-2]) | set(" ?o=")


def test_no_writer_and_no_template_is_on_both_sides(mnist: Mnist) -> None:
    """Digits for validation are by other writers, and drawn in other styles."""
    styles = [{t.style for t in split_templates(held_out=held_out)[7]} for held_out in (True, False)]
    assert styles[0]
    assert styles[0].isdisjoint(styles[1])
    writers = np.arange(len(mnist.train)) % 140
    training, validation = split_validation(Digits(mnist.train.images, mnist.train.labels, writers), 100)
    assert len(training) + len(validation) == len(mnist.train)
    assert 100 <= len(validation) < 110
    assert training.writers is not None
    assert validation.writers is not None
    assert not np.intersect1d(training.writers, validation.writers).size
    pens = parse_pen_digits("".join(_UNIPEN.format(label=n % 10, writer=n // 10) for n in range(90)))
    learnt, held_out = ({digit.writer for digit in half} for half in split_writers(pens))
    assert (learnt, held_out) == ({1, 2, 4, 5, 7, 8}, {0, 3, 6})


def test_pen_digits_are_read_from_their_file(tmp_path: Path) -> None:
    """Strokes are upright, with y down, one high; another file is refused."""
    (digit,) = parse_pen_digits(_UNIPEN.format(label=4, writer=12))
    assert (digit.label, digit.writer, len(digit.strokes)) == (4, 12, 2)
    assert digit.strokes[0].tolist() == [[0.0, 0.0], [0.25, 0.5], [0.0, 1.0]]
    (tmp_path / "pendigits-orig.tra").write_text(_UNIPEN)
    with pytest.raises(DatasetError, match="does not hold Pen-Based Recognition"):
        load_pen_digits(tmp_path / "pendigits-orig.tra")
