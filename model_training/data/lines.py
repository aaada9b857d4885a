"""Lines of digits and marks with exact answers: what stands at every column of the ink.

A line is put together from signs of one hand, drawn with one pen at twice the size, and scaled to 32 pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.hands import Hands
from model_training.data.handwriting import draw_stroke
from model_training.data.ink import Ink
from model_training.data.line_paper import add_paper, wear
from model_training.data.line_signs import Floats, LineStyle, Sign, choose_style, find_right_end, write_signs
from model_training.data.line_text import write_text
from model_training.data.non_digits import draw_blot
from model_training.line_format import BLANK, COLUMN_WIDTH, COLUMNS, LINE_HEIGHT, LINE_WIDTH

IGNORED, CUT = -1, -2  # labels of columns without an answer: beside the middle of a sign, and of a cut sign
LONGEST = 48  # signs of a line; more do not fit into its columns
_ENLARGEMENT = 2
_INNER_HEIGHT = 28  # pixels that the ink of a line fills in the app
_PAPERED, _WORN = 0.3, 0.5  # shares of lines with other ink around, and of the others with worn ink
_EMPTY = 0.04  # share of the lines without any sign
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
    style = choose_style(generator)
    signs: list[Sign] = []
    start = 0.0
    while not signs or (find_right_end(signs) < 8 and generator.random() < 0.8):  # another number beside it
        if signs:
            start = find_right_end(signs) + generator.uniform(1.2, 3)
        text, hand = write_text(generator), hands.choose(generator)
        signs += write_signs(text, hand, hands, style, generator=generator, start=start)
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
    _draw_signs(canvas, signs, scale=scale, place=place, style=style, generator=generator)
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
    signs: Sequence[Sign],
    *,
    scale: float,
    place: Floats,
    style: LineStyle,
    generator: np.random.Generator,
) -> None:
    """Draw the signs, `scale` pixels of the line per height, moved by `place` pixels of the line."""
    large = _ENLARGEMENT * scale
    width = style.width * large
    pressure = generator.uniform(0, 0.35) if generator.random() < 0.3 else 0.0
    for index, sign in enumerate(signs):
        if scale * sign.box[2] + place[0] < -8 or scale * sign.box[0] + place[0] > LINE_WIDTH + 8:
            continue
        origin = place * _ENLARGEMENT
        for stroke in sign.strokes:
            drawn = stroke * large + origin
            draw_stroke(canvas, drawn, width=max(width, 1), pressure=pressure, phase=generator.uniform(0, 6))
        following = signs[index + 1] if index + 1 < len(signs) else None
        if following is not None and generator.random() < style.joined:
            ends_at, starts_at = _nearest_ends(sign, following)
            middle = (ends_at + starts_at) / 2 + generator.normal(0, 0.08, 2)
            if np.abs(starts_at - ends_at).max() < 0.9:
                join = np.array([ends_at, middle, starts_at]) * large + origin
                draw_stroke(canvas, join, width=max(0.8 * width, 1))


def _nearest_ends(first: Sign, second: Sign) -> tuple[Floats, Floats]:
    """Return the end of a stroke of each sign, of all the two that are nearest to each other."""
    ends = [np.array([stroke[end] for stroke in sign.strokes for end in (0, -1)]) for sign in (first, second)]
    distances = np.linalg.norm(ends[0][:, None] - ends[1][None], axis=-1)
    one, other = np.unravel_index(distances.argmin(), distances.shape)
    return ends[0][one], ends[1][other]


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
