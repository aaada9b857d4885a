"""Drawn digits and non-digits, and MNIST digits with other pens or with clutter."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from model_training.data.clutter import clutter
from model_training.data.handwriting import Hand, Pen, draw_digits, draw_signs, redraw, write
from model_training.data.mnist import Digits, Mnist
from model_training.data.non_digits import draw_non_digits
from model_training.data.skeletons import trace_strokes
from model_training.data.templates import Template, load_templates, make_stroke

pytestmark = pytest.mark.slow

_STEADY = Hand(wobble=0, displacement=0, overshoot=0, warp=0, slant=0, rotation=0, aspect=0)
_ROUND_PEN = Pen(thinnest=2.0, thickest=2.0, pressure=0, uneven=0, softness=0)


def _write(template: Template, count: int, *, hand: Hand, pen: Pen = _ROUND_PEN) -> NDArray[np.uint8]:
    return write(template, count, generator=np.random.default_rng(0), hand=hand, pen=pen)


def test_there_are_many_styles_of_each_digit_and_many_other_signs() -> None:
    """Each digit has ten styles or more, no two alike; no other sign resembles a digit, such as O, l or S."""
    templates = load_templates("digits")
    counts = Counter(template.sign for template in templates)
    assert set(counts) == set("0123456789")
    assert min(counts.values()) >= 10
    shapes = {tuple(s.control.tobytes() for s in template.strokes) for template in templates}
    assert len(shapes) == len(templates)
    signs = {template.sign for template in load_templates("others")}
    assert len(signs) >= 50
    assert not signs & set("0123456789OoIlSsZzBbqg|")


def test_a_curve_passes_its_points_and_is_smooth() -> None:
    """A stroke passes each control point; only a repeated point is a corner."""
    corner = [[0.0, 0.0], [50.0, 0.0], [50.0, 50.0]]
    on_the_lines = []
    for points in (corner, [*corner[:2], *corner[1:]]):
        stroke = make_stroke(points)
        curve = stroke.basis @ stroke.control
        for point in stroke.control:
            assert np.linalg.norm(curve - point, axis=1).min() < 1e-9
        on_the_lines.append(((abs(curve[:, 1]) < 1e-9) | (abs(curve[:, 0] - 0.5) < 1e-9)).all())
    assert on_the_lines == [False, True]


def test_a_steady_hand_draws_the_template_itself() -> None:
    """Without variation all drawings are alike, as high as fits and as wide as the pen."""
    bar = Template("1", "bar", (make_stroke([[0, 0], [0, 100]]),))
    ink = _write(bar, 3, hand=_STEADY)
    assert (ink == ink[0]).all()
    rows, columns = (np.flatnonzero(ink[0].max(axis=axis) > 127) for axis in (1, 0))
    assert len(rows) == pytest.approx(101, abs=2)
    assert len(columns) == pytest.approx(10, abs=1)  # 2 of the 20 pixels of a normalised digit


def test_hands_and_pens_vary() -> None:
    """No two drawings of a style are alike, and pens are thin to thick."""
    style = next(t for t in load_templates("digits") if t.sign == "5")
    ink = _write(style, 50, hand=Hand(), pen=Pen())
    assert len({drawing.tobytes() for drawing in ink}) == 50
    inked = (ink > 127).mean(axis=(1, 2))
    assert inked.max() > 2 * inked.min()
    assert ink.max(axis=(1, 2)).min() > 127


def test_the_seed_decides_all(mnist: Mnist) -> None:
    """The same seed gives the same drawings, another seed others; no drawing of a non-digit is blank."""
    first, again, other = (draw_digits(60, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.images, other.images)
    non_digits, non_digits_again = (draw_non_digits(177, mnist.test, seed=1) for _ in range(2))
    assert np.array_equal(non_digits, non_digits_again)
    assert non_digits.shape == (177, 28, 28)
    assert (non_digits.max(axis=(1, 2)) > 0).all()


def test_drawn_digits_are_balanced_and_framed_as_in_mnist() -> None:
    """All digits are about equally frequent, 20 pixels on the longer side, dark, centred as in MNIST."""
    digits = draw_digits(1000, seed=0)
    counts = np.bincount(digits.labels, minlength=10)
    assert counts.min() > 60
    assert len(counts) == 10
    inked = digits.images > 40
    sides = [inked.any(axis=axis).sum(axis=1) for axis in (2, 1)]
    assert np.median(np.maximum(*sides)) == 20
    assert digits.images.max(axis=(1, 2)).min() == 255
    weights = digits.images.sum(axis=1, dtype=float)
    centres = (weights * (np.arange(28) + 0.5)).sum(axis=1) / weights.sum(axis=1)
    assert np.median(centres) == pytest.approx(14.5, abs=0.3)


def test_drawn_signs_match_their_names() -> None:
    """Each image of a bar or a level line shows the sign with its name."""
    bar = Template("bar", "plain", (make_stroke([[0, 0], [0, 100]]),))
    level = Template("level", "plain", (make_stroke([[0, 0], [100, 0]]),))
    images, signs = draw_signs([bar, level], 40, generator=np.random.default_rng(0))
    tall = [(i.max(axis=1) > 60).sum() > (i.max(axis=0) > 60).sum() for i in images]
    assert tall == [sign == "bar" for sign in signs]
    assert 5 < sum(tall) < 35


def _redraw(digits: Digits, count: int, *, generator: np.random.Generator) -> Digits:
    taken = digits.rows(np.arange(count) % len(digits))
    return Digits(redraw([trace_strokes(image) for image in taken.images], generator=generator), taken.labels)


@pytest.mark.parametrize("vary", [_redraw, clutter])
def test_labels_stay_and_images_change(vary: Callable[..., Digits], mnist: Mnist) -> None:
    """Digits are taken in turn and keep their labels; every image is new, and the seed decides it."""
    some = mnist.train.rows(np.arange(40))
    varied, again, other = (vary(some, 60, generator=np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(varied.labels, np.concatenate([some.labels, some.labels[:20]]))
    assert varied.images.shape == (60, 28, 28)
    assert varied.images.dtype == np.uint8
    assert (varied.images[:40] != some.images).any(axis=(1, 2)).all()
    assert (varied.images[:20] != varied.images[40:]).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(varied.images, again.images)
    assert (varied.images != other.images).any()
