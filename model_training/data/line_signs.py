"""Numbers as one hand writes them with one pen: signs side by side, as strokes in heights of a digit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_training.data.hands import Hand, Hands
from model_training.data.pen_digits import Strokes
from model_training.line_format import LINE_CLASSES, OTHER

Floats = NDArray[np.float64]

_BINS = np.linspace(-0.4, 1.5, 20)  # heights at which the distance of two signs is measured
_LETTER_LIKE = (0, 0, 1, 1, 5, 2, 6, 9, 8)  # digits that look like O, l, S, Z, b, q and B, for words
_MOST_RISE = 0.6  # of a base line, in heights of a digit
_WARP = 0.035  # standard deviation of the amplitude of the waves that bend a sign, in its heights


@dataclass(frozen=True)
class Sign:
    """A sign in its place."""

    label: int
    strokes: Strokes
    box: Floats  # left, top, right, bottom with the width of the pen


@dataclass(frozen=True)
class LineStyle:
    """How one person writes one line. Lengths are in heights of a digit."""

    width: float
    gap: float
    gap_change: float
    slant: float
    slope: float  # of the base line
    size_change: float
    base_change: float
    zero_size: float
    zero_rise: float  # of the room over a small zero
    joined: float  # share of neighbours that one stroke joins
    aspect: float


def choose_style(generator: np.random.Generator) -> LineStyle:
    """Return how a random person writes a line."""
    kind = generator.random()
    if kind < 0.66:
        gap = generator.normal(0.24, 0.1)
    elif kind < 0.86:
        gap = generator.uniform(-0.03, 0.1)
    elif kind < 0.92:
        gap = generator.uniform(-0.16, 0)
    else:
        gap = generator.uniform(0.4, 1.1)
    tidy = generator.random() < 0.5
    return LineStyle(
        width=float(np.exp(generator.uniform(np.log(0.035), np.log(0.21)))),
        gap=float(gap),
        gap_change=0.05 if tidy else float(generator.uniform(0.05, 0.2)),
        slant=float(generator.normal(0.08, 0.2)),
        slope=float(generator.normal(0, 0.015 if tidy else 0.06)),
        size_change=0.05 if tidy else float(generator.uniform(0.05, 0.22)),
        base_change=0.03 if tidy else float(generator.uniform(0.03, 0.14)),
        zero_size=float(generator.uniform(0.4, 0.85)) if generator.random() < 0.2 else 1.0,
        zero_rise=float(generator.uniform(0, 0.7)) if generator.random() < 0.4 else 0.0,
        joined=float(generator.uniform(0.2, 0.8)) if generator.random() < 0.12 else 0.0,
        aspect=float(np.exp(generator.normal(0, 0.16))),
    )


def write_signs(
    text: str,
    hand: Hand,
    hands: Hands,
    style: LineStyle,
    *,
    generator: np.random.Generator,
    start: float = 0.0,
) -> list[Sign]:
    """Place the signs of a text one after the other, from x = `start` on; `hands` write what is no digit."""
    signs: list[Sign] = []
    slope = float(np.clip(style.slope, -_MOST_RISE / len(text), _MOST_RISE / len(text)))
    edge = np.full(len(_BINS), -np.inf)  # how far the ink reaches at each height
    gap = 0.0
    for character in text:
        if character == " ":
            gap += generator.uniform(0.35, 1.2)
            continue
        sign = _make_sign(character, hand, hands, style, generator=generator)
        left, right = _profile(np.concatenate(sign.strokes))
        if signs:
            near = float((edge - left).max())
            near = near if np.isfinite(near) else signs[-1].box[2] - float(left[np.isfinite(left)].min())
            change = generator.normal(0, style.gap_change)
            between = style.gap * (0.5 if character in ".,:" else 1) + style.width + gap + change
            x = near + max(between, -0.25)
            x = max(x, _middle(signs[-1]) + 0.16 - _middle(sign))
        else:
            x = start - float(np.concatenate(sign.strokes)[:, 0].min())
        sign = _move(sign, np.array([x, slope * (x - start) + generator.normal(0, style.base_change)]))
        edge = np.maximum(edge - 0.3, right + x)  # of signs further back, each counts less
        signs.append(sign)
        gap = 0.0
    return signs


def _make_sign(
    character: str, hand: Hand, hands: Hands, style: LineStyle, *, generator: np.random.Generator
) -> Sign:
    if character.isdigit():
        strokes = hand.write(int(character), generator)
    elif character == "o":
        strokes = hand.write(int(generator.choice(_LETTER_LIKE)), generator)
    else:
        strokes = hands.write_mark(character, generator)
    size = float(np.exp(generator.normal(0, style.size_change)))
    if character == "0":
        size *= style.zero_size
    elif character == "?":
        size *= generator.uniform(0.6, 1.1)
    elif character == "o":
        size *= generator.uniform(0.5, 1.1)
    strokes = _warp(strokes, generator)
    angle = generator.normal(0, 0.05)
    aspect = style.aspect * np.exp(generator.normal(0, 0.1))
    slant = style.slant + generator.normal(0, 0.05)
    # Points are rows, multiplied from the right: slant moves the top to the right, the base line stays.
    matrix = size * np.array(
        [[aspect * np.cos(angle), aspect * np.sin(angle)], [-np.sin(angle) - slant, np.cos(angle)]]
    )
    base = 1 - style.zero_rise if character == "0" else 1
    offset = np.array([slant * size, base * (1 - size)]) if size < 1.6 else np.zeros(2)
    strokes = tuple(stroke @ matrix + offset for stroke in strokes)
    label = OTHER if character in "?o=" else LINE_CLASSES.index(character)
    return Sign(label, strokes, _box(np.concatenate(strokes), style.width))


def _warp(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """Bend the strokes of a sign by a wave in each direction."""
    size, turns, phase = generator.normal(0, _WARP, 2), generator.uniform(0.3, 1.3, 2), generator.random(2)
    return tuple(stroke + size * np.sin(2 * np.pi * (turns * stroke[:, ::-1] + phase)) for stroke in strokes)


def _box(points: Floats, width: float) -> Floats:
    return np.concatenate([points.min(axis=0) - width / 2, points.max(axis=0) + width / 2])


def _move(sign: Sign, by: Floats) -> Sign:
    return Sign(sign.label, tuple(stroke + by for stroke in sign.strokes), sign.box + np.tile(by, 2))


def _profile(points: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest x of the points near each of _BINS; infinite where there are none."""
    left, right = np.full(len(_BINS), np.inf), np.full(len(_BINS), -np.inf)
    places = (points[:, 1] - _BINS[0]) / (_BINS[1] - _BINS[0]) + 0.5
    bins = np.minimum(np.maximum(places, 1), len(_BINS) - 2).astype(int)
    for shift in (-1, 0, 1):
        np.minimum.at(left, bins + shift, points[:, 0])
        np.maximum.at(right, bins + shift, points[:, 0])
    return left, right


def _middle(sign: Sign) -> float:
    return float(np.concatenate(sign.strokes)[:, 0].mean())


def find_right_end(signs: Sequence[Sign]) -> float:
    """Return the right side of the rightmost sign."""
    return float(max(sign.box[2] for sign in signs))
