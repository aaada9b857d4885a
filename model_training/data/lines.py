"""Lines of digits and marks with exact answers: what stands at every column of the ink.

A line is put together from signs of one hand, drawn with one pen at twice the size, and scaled to 32 pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.hands import Hand, Hands
from model_training.data.handwriting import draw_stroke
from model_training.data.ink import Ink
from model_training.data.line_paper import add_paper, wear
from model_training.data.line_text import write_text
from model_training.data.non_digits import draw_blot
from model_training.data.pen_digits import Strokes
from model_training.line_format import (
    BLANK,
    COLUMN_WIDTH,
    COLUMNS,
    LINE_CLASSES,
    LINE_HEIGHT,
    LINE_WIDTH,
    OTHER,
)

Floats = NDArray[np.float64]

IGNORED, CUT = -1, -2  # labels of columns without an answer: beside the middle of a sign, and of a cut sign
LONGEST = 48  # signs of a line; more do not fit into its columns
_ENLARGEMENT = 2
_INNER_HEIGHT = 28  # pixels that the ink of a line fills in the app
_BINS = np.linspace(-0.4, 1.5, 20)  # heights at which the distance of two signs is measured
_LETTER_LIKE = (0, 0, 1, 1, 5, 2, 6, 9, 8)  # digits that look like O, l, S, Z, b, q and B, for words
_PAPERED, _WORN = 0.3, 0.5  # shares of lines with other ink around, and of the others with worn ink
_EMPTY = 0.04  # share of the lines without any sign
_MOST_RISE = 0.6  # of a base line, in heights of a digit
_WARP = 0.035  # standard deviation of the waves that bend a sign, in its heights
_CENTRE_SHARE = 0.15  # of a sign's width on either side of its centre that is labelled


@dataclass(frozen=True)
class Lines:
    """Lines of ink and their answers.

    Attributes:
        ink: uint8 (n, 32, 256), 0 paper to 255 ink.
        columns: int32 (n, 128), the class at each column, or IGNORED or CUT.
        boxes: float32 (n, 128, 4), left, top, right and bottom in pixels of the sign of each labelled column.
        texts: int32 (n, LONGEST), the classes from left to right, filled up with BLANK.
        lengths: int32 (n,), how many classes.
    """

    ink: NDArray[np.uint8]
    columns: NDArray[np.int32]
    boxes: NDArray[np.float32]
    texts: NDArray[np.int32]
    lengths: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ink)


@dataclass
class _Sign:
    """A sign in its place."""

    label: int
    strokes: Strokes
    box: Floats  # left, top, right, bottom with the width of the pen


@dataclass(frozen=True)
class _Pen:
    """How one person writes one line, in heights of a digit."""

    width: float
    gap: float
    gap_change: float
    slant: float
    slope: float  # of the base line
    size_change: float
    base_change: float
    zero_size: float
    joined: float  # share of neighbours that one stroke joins
    aspect: float


def draw_lines(hands: Hands, count: int, *, generator: np.random.Generator, plain: bool = False) -> Lines:
    """Draw `count` random lines; `plain` ones on clean paper, as large as the app makes them."""
    lines = Lines(
        np.zeros((count, LINE_HEIGHT, LINE_WIDTH), np.uint8),
        np.full((count, COLUMNS), BLANK, np.int32),
        np.zeros((count, COLUMNS, 4), np.float32),
        np.full((count, LONGEST), BLANK, np.int32),
        np.zeros(count, np.int32),
    )
    for row in range(count):
        lines.ink[row], labels, boxes = _draw_line(hands, generator, plain=plain)
        lines.lengths[row] = _label(labels, boxes, lines.columns[row], lines.boxes[row], lines.texts[row])
    return lines


def _draw_line(hands: Hands, generator: np.random.Generator, *, plain: bool) -> tuple[Ink, list[int], Floats]:
    """Return ink (32, 256), and the class and box in pixels of each sign from left to right."""
    if not plain and generator.random() < _EMPTY:
        return _draw_clutter(generator), [], np.zeros((0, 4))
    pen = _choose_pen(generator)
    signs = _write(write_text(generator), hands, hands.choose(generator), pen, generator)
    while _right(signs) < 8 and generator.random() < 0.8:  # another number beside it
        start = _right(signs) + generator.uniform(1.2, 3)
        signs += _write(write_text(generator), hands, hands.choose(generator), pen, generator, start=start)
    boxes = np.array([sign.box for sign in signs])
    top, bottom = boxes[:, 1].min(), boxes[:, 3].max()
    papered = not plain and generator.random() < _PAPERED
    filled = generator.uniform(0.55, 1) if papered else generator.uniform(0.92, 1.02)
    filled = filled if plain or generator.random() < 0.9 else generator.uniform(0.45, 1)
    scale = filled * _INNER_HEIGHT / max(bottom - top, 0.3)
    scale = min(scale, _INNER_HEIGHT * (1.05 if generator.random() < 0.8 else 2.5))  # only a dash: not huge
    free = LINE_HEIGHT - scale * (bottom - top)
    y = free / 2 + generator.uniform(-0.5, 0.5) * max(free - 4, 0) - scale * top
    x = _choose_start(scale * boxes[:, 0].min(), scale * boxes[:, 2].max(), generator)
    canvas = np.zeros((_ENLARGEMENT * LINE_HEIGHT, _ENLARGEMENT * LINE_WIDTH), np.uint8)
    place = np.array([x, y])
    _draw_signs(canvas, signs, scale=scale, place=place, pen=pen, generator=generator)
    ink = np.asarray(cv2.resize(canvas, (LINE_WIDTH, LINE_HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
    boxes = scale * boxes + np.tile(place, 2)
    if papered:
        ink = add_paper(ink, boxes, height=scale, generator=generator)
    if papered or (not plain and generator.random() < _WORN):
        ink = wear(ink, generator, papered=papered)
    return ink, [sign.label for sign in signs], boxes


def _draw_clutter(generator: np.random.Generator) -> Ink:
    """Return ink (32, 256) without any sign: blots, and what may lie on paper."""
    ink = np.zeros((LINE_HEIGHT, LINE_WIDTH), np.uint8)
    left = int(generator.integers(0, LINE_WIDTH // 2))
    while left < LINE_WIDTH and generator.random() < 0.9:
        width = min(int(generator.integers(16, 160)), LINE_WIDTH - left)
        ink[:, left : left + width] = cv2.resize(draw_blot(generator), (width, LINE_HEIGHT))
        left += width + int(generator.integers(0, 40))
    edges = np.array([[0, 0, LINE_WIDTH, LINE_HEIGHT]], float)
    if not ink.any() or generator.random() < 0.6:
        ink = add_paper(ink, edges, height=LINE_HEIGHT / 2, generator=generator)
    return wear(ink, generator, papered=True)


def _choose_pen(generator: np.random.Generator) -> _Pen:
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
    return _Pen(
        width=float(np.exp(generator.uniform(np.log(0.035), np.log(0.21)))),
        gap=float(gap),
        gap_change=0.05 if tidy else float(generator.uniform(0.05, 0.2)),
        slant=float(generator.normal(0.08, 0.2)),
        slope=float(generator.normal(0, 0.015 if tidy else 0.06)),
        size_change=0.05 if tidy else float(generator.uniform(0.05, 0.22)),
        base_change=0.03 if tidy else float(generator.uniform(0.03, 0.14)),
        zero_size=float(generator.uniform(0.45, 0.85)) if generator.random() < 0.2 else 1.0,
        joined=float(generator.uniform(0.2, 0.8)) if generator.random() < 0.12 else 0.0,
        aspect=float(np.exp(generator.normal(0, 0.16))),
    )


def _write(
    text: str, hands: Hands, hand: Hand, pen: _Pen, generator: np.random.Generator, *, start: float = 0.0
) -> list[_Sign]:
    """Place the signs of a text one after the other, from x = `start` on."""
    signs: list[_Sign] = []
    slope = float(np.clip(pen.slope, -_MOST_RISE / len(text), _MOST_RISE / len(text)))
    edge = np.full(len(_BINS), -np.inf)  # how far the ink reaches at each height
    gap = 0.0
    for character in text:
        if character == " ":
            gap += generator.uniform(0.35, 1.2)
            continue
        sign = _make_sign(character, hands, hand, pen, generator)
        left, right = _profile(np.concatenate(sign.strokes))
        if signs:
            near = float((edge - left).max())
            near = near if np.isfinite(near) else signs[-1].box[2] - float(left[np.isfinite(left)].min())
            change = generator.normal(0, pen.gap_change)
            between = pen.gap * (0.5 if character in ".,:" else 1) + pen.width + gap + change
            x = near + max(between, -0.25)
            behind = _middle(signs[-1]) + 0.16 - _middle(sign)
            x = max(x, behind)
        else:
            x = start - float(np.concatenate(sign.strokes)[:, 0].min())
        _move(sign, np.array([x, slope * (x - start) + generator.normal(0, pen.base_change)]))
        edge = np.maximum(edge - 0.3, right + x)  # what lies further back counts less
        signs.append(sign)
        gap = 0.0
    if not signs:
        return _write("0", hands, hand, pen, generator, start=start)
    return signs


def _make_sign(character: str, hands: Hands, hand: Hand, pen: _Pen, generator: np.random.Generator) -> _Sign:
    if character.isdigit():
        strokes = hand.write(int(character), generator)
    elif character == "o":
        strokes = hand.write(int(generator.choice(_LETTER_LIKE)), generator)
    else:
        strokes = hands.write_mark(character, generator)
    size = float(np.exp(generator.normal(0, pen.size_change)))
    if character == "0":
        size *= pen.zero_size
    elif character == "?":
        size *= generator.uniform(0.6, 1.1)
    elif character == "o":
        size *= generator.uniform(0.5, 1.1)
    strokes = _warp(strokes, generator)
    angle = generator.normal(0, 0.05)
    aspect = pen.aspect * np.exp(generator.normal(0, 0.1))
    slant = pen.slant + generator.normal(0, 0.05)
    # Rows of points from the right: slant moves the top to the right, the base line stays.
    matrix = size * np.array(
        [[aspect * np.cos(angle), aspect * np.sin(angle)], [-np.sin(angle) - slant, np.cos(angle)]]
    )
    offset = np.array([slant * size, 1 - size]) if size < 1.6 else np.zeros(2)
    strokes = tuple(stroke @ matrix + offset for stroke in strokes)
    label = OTHER if character in "?o=" else LINE_CLASSES.index(character)
    return _Sign(label, strokes, _box(np.concatenate(strokes), pen.width))


def _warp(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """Bend the strokes of a sign by a wave in each direction."""
    size, turns, phase = generator.normal(0, _WARP, 2), generator.uniform(0.3, 1.3, 2), generator.random(2)
    return tuple(stroke + size * np.sin(2 * np.pi * (turns * stroke[:, ::-1] + phase)) for stroke in strokes)


def _box(points: Floats, width: float) -> Floats:
    return np.concatenate([points.min(axis=0) - width / 2, points.max(axis=0) + width / 2])


def _move(sign: _Sign, by: Floats) -> None:
    sign.strokes = tuple(stroke + by for stroke in sign.strokes)
    sign.box = sign.box + np.concatenate([by, by])


def _profile(points: Floats) -> tuple[Floats, Floats]:
    """Return the least and the greatest x of the points near each of _BINS; infinite where there are none."""
    left, right = np.full(len(_BINS), np.inf), np.full(len(_BINS), -np.inf)
    places = (points[:, 1] - _BINS[0]) / (_BINS[1] - _BINS[0]) + 0.5
    bins = np.minimum(np.maximum(places, 1), len(_BINS) - 2).astype(int)
    for shift in (-1, 0, 1):
        np.minimum.at(left, bins + shift, points[:, 0])
        np.maximum.at(right, bins + shift, points[:, 0])
    return left, right


def _middle(sign: _Sign) -> float:
    return float(np.concatenate(sign.strokes)[:, 0].mean())


def _right(signs: Sequence[_Sign]) -> float:
    return float(max(sign.box[2] for sign in signs))


def _choose_start(left: float, right: float, generator: np.random.Generator) -> float:
    """Return how far to move ink from `left` to `right`, in pixels, into the line; long ink is cut."""
    free = LINE_WIDTH - (right - left)
    if free > 4:
        return (
            generator.uniform(1, 5) - left if generator.random() < 0.6 else generator.uniform(1, free) - left
        )
    kind = generator.random()
    if kind < 0.4:
        return generator.uniform(1, 5) - left
    return (free - 2 if kind < 0.6 else generator.uniform(min(free, 0), 0)) - left


def _draw_signs(
    canvas: Ink,
    signs: Sequence[_Sign],
    *,
    scale: float,
    place: Floats,
    pen: _Pen,
    generator: np.random.Generator,
) -> None:
    """Draw the signs, `scale` pixels of the line per height, moved by `place` pixels of the line."""
    large = _ENLARGEMENT * scale
    width = pen.width * large
    pressure = generator.uniform(0, 0.35) if generator.random() < 0.3 else 0.0
    for index, sign in enumerate(signs):
        if scale * sign.box[2] + place[0] < -8 or scale * sign.box[0] + place[0] > LINE_WIDTH + 8:
            continue
        origin = place * _ENLARGEMENT
        for stroke in sign.strokes:
            drawn = stroke * large + origin
            draw_stroke(canvas, drawn, width=max(width, 1), pressure=pressure, phase=generator.uniform(0, 6))
        following = signs[index + 1] if index + 1 < len(signs) else None
        if following is not None and generator.random() < pen.joined:
            ends_at, starts_at = sign.strokes[-1][-1], following.strokes[0][0]
            middle = (ends_at + starts_at) / 2 + generator.normal(0, 0.08, 2)
            if np.abs(starts_at - ends_at).max() < 0.9:
                join = np.array([ends_at, middle, starts_at]) * large + origin
                draw_stroke(canvas, join, width=max(0.8 * width, 1))


def _label(
    labels: list[int],
    boxes: Floats,
    columns: NDArray[np.int32],
    places: NDArray[np.float32],
    text: NDArray[np.int32],
) -> int:
    """Write the answers of one line, and return the number of its signs."""
    order = np.argsort(boxes[:, 0] + boxes[:, 2])
    length, free = 0, 0
    for index in order:
        left, _, right, _ = boxes[index]
        seen = (min(right, LINE_WIDTH) - max(left, 0)) / max(right - left, 1e-6)
        if seen < 0.85:  # cut by an edge
            first, last = (int(np.clip(side / COLUMN_WIDTH, 0, COLUMNS - 1)) for side in (left, right))
            if seen > 0.05:
                part = columns[first : last + 1]
                part[part < 0] = CUT
                part[part == BLANK] = CUT
            continue
        centre, half = (left + right) / 2, max(_CENTRE_SHARE * (right - left), 0.6 * COLUMN_WIDTH)
        first, last = round((centre - half) / COLUMN_WIDTH), round((centre + half) / COLUMN_WIDTH)
        if length and labels[index] == text[length - 1]:
            free += 1  # a blank between two equal signs
        first = max(first, free)
        last = max(last, first + 1)
        if last > COLUMNS or length == len(text):
            break
        for beside in (first - 1, last):  # where the middle of a sign ends is nobody's to say
            if 0 <= beside < COLUMNS and columns[beside] == BLANK:
                columns[beside] = IGNORED
        if length and labels[index] == text[length - 1]:
            columns[first - 1] = BLANK
        columns[first:last] = labels[index]
        places[first:last] = boxes[index]
        text[length] = labels[index]
        length, free = length + 1, last
    return length
