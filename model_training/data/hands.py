"""Digits and marks as strokes, by one MNIST writer, one pen writer, or from stroke templates.

Strokes are in heights of a digit: x right, y down, 0 at a digit's top and 1 at its base line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.font_manager import findfont as find_font
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model_training.data.fonts import LETTERS, OTHER_SIGNS, Font, load_fonts
from model_training.data.handwriting import Hand as Variation
from model_training.data.handwriting import move_hand
from model_training.data.ink import Ink, crop
from model_training.data.mnist import Digits
from model_training.data.non_digits import random_template
from model_training.data.pen_digits import PenDigit, Strokes
from model_training.data.skeletons import trace_strokes
from model_training.data.templates import Template, load_templates

_MNIST_SHARE, _PEN_SHARE, _FONT_SHARE = 0.42, 0.2, 0.18  # of the lines; templates write the rest
_FONT_MARKS = 0.45  # share of the marks and other signs that are those of fonts
_VARIANTS = 160  # drawings of each template that are prepared
_NEAT = Variation(wobble=0.04, warp=0.035, slant=0.0, rotation=0.05, aspect=0.12)  # slant is the line's
_SCRIBBLE = Variation(wobble=0.1)
_MNIST_HEIGHT = 17.5  # pixels between the middles of the strokes of a digit in MNIST
_LEVEL_ONE = ("1", "level bar")  # a style of single digits; in a line it is a dash
_ONE_STYLE = 0.7  # share of the lines of templates whose digits have one style each
_PLAIN_ZERO = 0.7  # share of those lines with a zero of one stroke: most styles of a zero are slashed
_PRINTED_SHARE = 0.2  # of the other signs
_FONT_SIZE = 28  # pixels; a capital is 20 high
_FONTS = ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "STIXGeneral", "cmr10")  # of Matplotlib
_MARKS = (".", ",", "-", "/", ":", "%", "$", "€", "£", "=")  # the last is other ink
# Signs in the file of others that are marks, or might be read as marks or digits beside digits.
_AMBIGUOUS = ("dollar", "percent", "euro", "pound", "minus", "tilde", "colon", "infinity", "two rings")


class Hand(Protocol):
    """Writes digits that look alike."""

    def write(self, digit: int, generator: np.random.Generator) -> Strokes:
        """Return one digit, 0..9."""


@dataclass(frozen=True)
class _TracedHand:
    trace: Callable[[int], Strokes]  # the digit of a row
    rows: Mapping[int, NDArray[np.int64]]

    def write(self, digit: int, generator: np.random.Generator) -> Strokes:
        rows = self.rows[digit]
        return self.trace(int(rows[generator.integers(len(rows))]))


@dataclass(frozen=True)
class _StrokeHand:
    digits: Mapping[int, Sequence[Strokes]]

    def write(self, digit: int, generator: np.random.Generator) -> Strokes:
        choices = self.digits[digit]
        return choices[int(generator.integers(len(choices)))]


class Hands:
    """All hands, and the marks and other signs that they write beside digits."""

    def __init__(
        self,
        digits: Digits,
        pen_digits: Sequence[PenDigit] = (),
        *,
        templates: Mapping[int, Sequence[Template]] | None = None,
        fonts: Sequence[Font] | None = None,
        seed: int = 0,
    ) -> None:
        """Prepare hands.

        Args:
            digits: MNIST digits; those of one writer make a hand, or all of them without writers.
            pen_digits: of the writers to be learnt from.
            templates: styles of each digit; all by default.
            fonts: signs of each; those for training by default.
            seed: of the templates' variation.
        """
        generator = np.random.default_rng([seed, 7])
        self._fonts = load_fonts() if fonts is None else fonts
        self._font_hands = [
            _StrokeHand({digit: [font[str(digit)]] for digit in range(10)}) for font in self._fonts
        ]
        self._traced = _traced_hands(digits)
        self._pens = _pen_hands(pen_digits)
        templates = split_templates() if templates is None else templates
        self._styles = {
            digit: [_vary(template, generator) for template in styles] for digit, styles in templates.items()
        }
        self._any_style = _StrokeHand(
            {
                digit: [drawing for style in styles for drawing in style]
                for digit, styles in self._styles.items()
            }
        )
        zeros = zip(templates[0], self._styles[0], strict=True)
        plain = [drawings for template, drawings in zeros if len(template.strokes) == 1]
        self._plain_zeros = plain or self._styles[0]
        marks = load_templates("marks")
        self._marks = {
            mark: [_vary(template, generator) for template in marks if template.sign == mark]
            for mark in _MARKS
        }
        others = [template for template in load_templates("others") if template.sign not in _AMBIGUOUS]
        self._others = [_vary(template, generator) for template in others]
        self._others += [_vary(random_template(generator), generator, _SCRIBBLE) for _ in range(40)]
        self._printed = [
            _trace_letter(letter, ImageFont.truetype(find_font(FontProperties(family)), _FONT_SIZE))
            for family in _FONTS
            for letter in LETTERS
        ]

    def choose(self, generator: np.random.Generator) -> Hand:
        """Return a random hand: of a writer of MNIST, a pen writer, a font, or templates."""
        kind = generator.random()
        if kind < _MNIST_SHARE:
            return self._traced[generator.integers(len(self._traced))]
        if kind < _MNIST_SHARE + _PEN_SHARE and self._pens:
            return self._pens[generator.integers(len(self._pens))]
        if kind > 1 - _FONT_SHARE:
            return self._font_hands[generator.integers(len(self._font_hands))]
        if generator.random() > _ONE_STYLE:
            return self._any_style
        chosen = {digit: styles[generator.integers(len(styles))] for digit, styles in self._styles.items()}
        if generator.random() < _PLAIN_ZERO:
            chosen[0] = self._plain_zeros[generator.integers(len(self._plain_zeros))]
        return _StrokeHand(chosen)

    def write_mark(self, mark: str, generator: np.random.Generator) -> Strokes:
        """Return a mark, "=", or for "?" a sign that is neither digit nor mark."""
        if mark == "?" and generator.random() < _PRINTED_SHARE:
            return self._printed[generator.integers(len(self._printed))]
        if generator.random() < _FONT_MARKS:
            font = self._fonts[int(generator.integers(len(self._fonts)))]
            sign = OTHER_SIGNS[generator.integers(len(OTHER_SIGNS))] if mark == "?" else mark
            if sign in font:
                return font[sign]
        styles = self._others if mark == "?" else self._marks[mark]
        drawings = styles[generator.integers(len(styles))]
        return drawings[generator.integers(len(drawings))]


def split_templates(*, held_out: bool = False) -> dict[int, list[Template]]:
    """Return styles of each digit: every tenth, held out for validation, or the others."""
    styles: dict[int, list[Template]] = {digit: [] for digit in range(10)}
    for template in load_templates("digits"):
        if (template.sign, template.style) != _LEVEL_ONE:
            styles[int(template.sign)].append(template)
    return {
        digit: [template for index, template in enumerate(all_) if (index % 10 == 4) == held_out]
        for digit, all_ in styles.items()
    }


def _trace(picture: Ink) -> Strokes:
    """Return the strokes of a picture in heights of a digit, its lowest point on the base line."""
    strokes = trace_strokes(picture)
    lowest = max(stroke[:, 1].max() for stroke in strokes)
    return tuple((stroke - (0, lowest)) / _MNIST_HEIGHT + (0, 1) for stroke in strokes)


def _trace_letter(letter: str, font: ImageFont.FreeTypeFont) -> Strokes:
    """Return the strokes of a printed letter, as high as a digit if it is a capital."""
    picture = Image.new("L", (80, 80))
    ImageDraw.Draw(picture).text((20, 20), letter, fill=255, font=font)
    return _trace(crop(np.asarray(picture)))


def _traced_hands(digits: Digits) -> list[_TracedHand]:
    """Return a hand for each writer, or one without writers; digits that one lacks are taken from all."""
    writers = np.zeros(len(digits), np.int64) if digits.writers is None else digits.writers
    everyone = {digit: np.flatnonzero(digits.labels == digit) for digit in range(10)}

    @cache  # tracing takes a millisecond
    def trace(row: int) -> Strokes:
        return _trace(crop(digits.images[row]))

    hands = []
    for writer in np.unique(writers):
        rows = np.flatnonzero(writers == writer)
        own = {digit: rows[digits.labels[rows] == digit] for digit in range(10)}
        hands.append(
            _TracedHand(trace, {digit: own[digit] if len(own[digit]) else everyone[digit] for digit in own})
        )
    return hands


def _pen_hands(pen_digits: Sequence[PenDigit]) -> list[_StrokeHand]:
    hands = []
    for writer in sorted({digit.writer for digit in pen_digits}):
        own = [digit for digit in pen_digits if digit.writer == writer]
        by_label = {label: [each.strokes for each in own if each.label == label] for label in range(10)}
        if all(by_label.values()):
            hands.append(_StrokeHand(by_label))
    return hands


def _vary(template: Template, generator: np.random.Generator, variation: Variation = _NEAT) -> list[Strokes]:
    """Return drawings of one template; their place and size are those of the template."""
    control = np.concatenate([stroke.control for stroke in template.strokes])
    low, high = control.min(axis=0), control.max(axis=0)
    moved = move_hand(template.strokes, _VARIANTS, generator=generator, hand=variation)
    drawings = []
    for row in range(_VARIANTS):
        strokes = [stroke[row] for stroke in moved]
        points = np.concatenate(strokes)
        shift = (low + high) / 2 - (points.min(axis=0) + points.max(axis=0)) / 2
        drawings.append(tuple(stroke + shift for stroke in strokes))
    return drawings
