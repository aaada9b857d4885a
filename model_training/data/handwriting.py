"""Draw digits and other signs from stroke templates or real strokes, as different hands and pens would.

The generator decides everything random.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.fonts import load_fonts
from model_training.data.ink import Ink, Inks, draw_normalised
from model_training.data.mnist import Digits
from model_training.data.pen_digits import Strokes
from model_training.data.templates import Stroke, Template, load_templates
from model_training.normalisation import BOX_SIZE, INK_SIZE

Floats = NDArray[np.float64]
Points = NDArray[np.float64]  # (n, p, 2): p points along a stroke in each of n drawings, x right, y down

_SHARE = 0.9  # of the ink's side that a drawing fills
_SUBPIXEL_BITS = 4  # cv2 draws to a sixteenth of a pixel
_LEGIBLE = 0.33  # of the breadth of a sign's body, its first stroke: a wider pen would fill it
_BAR = 0.15  # of a sign's longer side: a narrower body has no inside to fill
_FONT_SHARE = 1 / 3  # of the digits that are drawn
_PRESSURE_STEPS = 6  # parts of a stroke, each with its own thickness


@dataclass(frozen=True)
class Hand:
    """Variation between hands: standard deviations, in heights of the sign unless a unit is given."""

    wobble: float = 0.04  # of each control point; itself drawn for each drawing, from neat to untidy
    displacement: float = 1.0  # of each stroke as a whole, in wobbles
    overshoot: float = 0.05  # of the length of a stroke's ends
    warp: float = 0.035  # of a wave that bends the whole sign
    slant: float = 0.22  # horizontal shift per unit of height
    rotation: float = 0.10  # radians
    aspect: float = 0.22  # of the logarithm of width / height


@dataclass(frozen=True)
class Pen:
    """Limits of the variation between pens; drawn uniformly."""

    thinnest: float = 1.2  # stroke width in pixels of the normalised image
    thickest: float = 5.0  # likewise; the logarithm of the width is uniform
    pressure: float = 0.35  # largest relative change of the width along a stroke
    uneven: float = 0.4  # share of the drawings with a changing width
    softness: float = 11.0  # widest blur of an edge, in pixels of the ink


_REAL = Hand(wobble=0.0, warp=0.03, slant=0.12, rotation=0.07, aspect=0.12)  # beside that of the real digit


def draw_digits(count: int, *, seed: int) -> Digits:
    """Draw `count` digits in random order: of templates, uniformly over digits and styles, and of fonts."""
    generator = np.random.default_rng([seed, 0])
    of_fonts = round(_FONT_SHARE * count)
    drawn, signs = draw_signs(load_templates("digits"), count - of_fonts, generator=generator)
    more, more_signs = draw_font_signs("0123456789", of_fonts, generator=generator)
    digits = Digits(np.concatenate([drawn, more]), np.array([*signs, *more_signs]).astype(np.uint8))
    return digits.rows(generator.permutation(count))


def draw_font_signs(
    signs: str, count: int, *, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], list[str]]:
    """Draw `count` of the given signs from handwritten fonts; returns the same as `draw_signs`."""
    glyphs = [(sign, font[sign]) for font in load_fonts() for sign in signs if sign in font]
    drawn = [glyphs[row] for row in generator.integers(len(glyphs), size=count)]
    return redraw([strokes for _, strokes in drawn], generator=generator), [sign for sign, _ in drawn]


def redraw(signs: Sequence[Strokes], *, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draw the strokes of each sign, of arbitrary position and size, with another pen and bent a little.

    Returns:
        Normalised images, uint8 (len(signs), 28, 28).
    """

    def draw(chunk: Sequence[Strokes]) -> Inks:
        return np.concatenate([_redraw(strokes, generator) for strokes in chunk])

    return draw_normalised(signs, draw)


def _redraw(strokes: Strokes, generator: np.random.Generator) -> Inks:
    """Return one drawing of strokes: ink (1, N, N)."""
    points = np.concatenate(strokes)
    size = max(float(np.ptp(points, axis=0).max()), 1e-3)
    scaled = [((stroke - points.mean(axis=0)) / size)[None] for stroke in strokes]
    moved = _turn(scaled, generator, hand=_REAL)
    return _draw_ink(moved, body=np.concatenate(moved, axis=1), generator=generator, pen=Pen())


def draw_signs(
    templates: Sequence[Template], count: int, *, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], list[str]]:
    """Draw `count` signs in random order, uniformly over the signs, then over the styles of each.

    Returns:
        Normalised images, uint8 (count, 28, 28), and the sign of each.
    """
    styles: dict[str, list[Template]] = {}
    for template in templates:
        styles.setdefault(template.sign, []).append(template)
    signs = list(styles)
    chosen = [styles[signs[sign]] for sign in generator.integers(len(signs), size=count)]
    drawn = [style[generator.integers(len(style))] for style in chosen]
    images = draw_normalised(drawn, partial(_write_all, generator=generator))
    return images, [template.sign for template in drawn]


def _write_all(templates: Sequence[Template], *, generator: np.random.Generator) -> Inks:
    """Draw each template once, those of the same template in one call."""
    ink = np.empty((len(templates), INK_SIZE, INK_SIZE), np.uint8)
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row, template in enumerate(templates):
        rows_of.setdefault((template.sign, template.style), []).append(row)
    for rows in rows_of.values():
        ink[rows] = write(templates[rows[0]], len(rows), generator=generator)
    return ink


def write(
    template: Template, count: int, *, generator: np.random.Generator, hand: Hand = Hand(), pen: Pen = Pen()
) -> Inks:
    """Return `count` drawings of one template: ink uint8 (count, N, N)."""
    strokes = move_hand(template.strokes, count, generator=generator, hand=hand)
    return _draw_ink(strokes, body=strokes[0], generator=generator, pen=pen)


def move_hand(
    strokes: Sequence[Stroke], count: int, *, generator: np.random.Generator, hand: Hand
) -> list[Points]:
    """Return the strokes as `count` hands would write them; position and size are arbitrary."""
    wobble = np.abs(generator.normal(0, hand.wobble, (count, 1, 1))) + 0.2 * hand.wobble
    moved = [
        _move_stroke(stroke, wobble, generator=generator, hand=hand, alone=len(strokes) == 1)
        for stroke in strokes
    ]
    return _turn(moved, generator, hand=hand)


def _turn(strokes: Sequence[Points], generator: np.random.Generator, *, hand: Hand) -> list[Points]:
    """Bend, turn, slant and widen each drawing as a whole."""
    ends = np.cumsum([stroke.shape[1] for stroke in strokes])[:-1]
    points = np.concatenate(strokes, axis=1)
    points = points - points.mean(axis=1, keepdims=True)
    points = _bend(points, generator, warp=hand.warp) @ _random_matrices(len(points), generator, hand=hand)
    return list(np.split(points, ends, axis=1))


def _draw_ink(strokes: Sequence[Points], *, body: Points, generator: np.random.Generator, pen: Pen) -> Inks:
    """Draw the strokes, each drawing as large as fits; no pen is so wide that it fills the `body`."""
    everything = np.concatenate(strokes, axis=1)
    count = len(everything)
    low, high = everything.min(axis=1), everything.max(axis=1)
    full = _SHARE * INK_SIZE
    longer = np.maximum((high - low).max(axis=1), 1e-3)
    width = _choose_widths(_breadth(body) / longer, generator, pen=pen) * full / BOX_SIZE
    scale = ((full - width) / longer)[:, None, None]
    centred = [(stroke - (low + high)[:, None] / 2) * scale + INK_SIZE / 2 for stroke in strokes]
    changes = generator.random((count, len(strokes)))
    pressure = pen.pressure * changes * (generator.random((count, 1)) < pen.uneven)
    phase = generator.uniform(0, 2 * np.pi, (count, len(strokes)))
    blur = np.rint(generator.uniform(-pen.softness, pen.softness, count)).astype(int)
    ink = np.zeros((count, INK_SIZE, INK_SIZE), np.uint8)
    for row in range(count):
        for stroke, change, start in zip(centred, pressure[row], phase[row], strict=True):
            draw_stroke(ink[row], stroke[row], width=width[row], pressure=change, phase=start)
        if blur[row] > 1:
            cv2.blur(ink[row], (blur[row], blur[row]), dst=ink[row])
    return ink


def _choose_widths(breadth: Floats, generator: np.random.Generator, *, pen: Pen) -> Floats:
    """Return stroke widths (n,) in pixels of the normalised image.

    `breadth` (n,) is the breadth of each sign's body as a share of the sign's longer side.
    """
    widths = np.exp(generator.uniform(np.log(pen.thinnest), np.log(pen.thickest), len(breadth)))
    legible = np.where(breadth < _BAR, np.inf, _LEGIBLE * BOX_SIZE * breadth)
    return np.maximum(np.minimum(widths, legible), pen.thinnest)


def _breadth(stroke: Points) -> Floats:
    """Return the width (n,) of a stroke across its long axis; exact for a rotated ellipse."""
    centred = stroke - stroke.mean(axis=1, keepdims=True)
    covariance = centred.transpose(0, 2, 1) @ centred / stroke.shape[1]
    variance = np.linalg.eigvalsh(covariance)[:, 0]
    return np.asarray(np.sqrt(8 * np.maximum(variance, 0)))


def _move_stroke(
    stroke: Stroke, wobble: Points, *, generator: np.random.Generator, hand: Hand, alone: bool
) -> Points:
    count = len(wobble)
    shift = generator.normal(0, 1, (count, *stroke.control.shape)) * wobble
    for index in stroke.repeated:
        shift[:, index] = shift[:, index - 1]
    if stroke.closed:  # the ends nearly meet
        shift[:, -1] = shift[:, 0] + 0.8 * shift[:, -1]
    if not alone:
        shift += hand.displacement * generator.normal(0, 1, (count, 1, 2)) * wobble
    control = stroke.control + shift
    for end, neighbour in ((0, 1), (-1, -2)):
        outward = control[:, end] - control[:, neighbour]
        outward /= np.linalg.norm(outward, axis=1, keepdims=True) + 1e-6
        control[:, end] += outward * generator.normal(0, hand.overshoot, (count, 1))
    return np.asarray(stroke.basis @ control)


def _bend(points: Points, generator: np.random.Generator, *, warp: float) -> Points:
    """Add two slow waves of random direction."""
    count = len(points)
    for _ in range(2):
        frequency = generator.normal(0, 3.0, (count, 2, 1))  # radians per height of the sign
        phase = generator.uniform(0, 2 * np.pi, (count, 1, 1))
        points = points + np.sin(points @ frequency + phase) * generator.normal(0, warp, (count, 1, 2))
    return points


def _random_matrices(count: int, generator: np.random.Generator, *, hand: Hand) -> Points:
    """Return rotation, slant and aspect as (count, 2, 2), to be multiplied from the right."""
    angle = generator.normal(0, hand.rotation, count)
    slant = generator.normal(0, hand.slant, count)
    aspect = np.exp(generator.normal(0, hand.aspect, count))
    columns = [[aspect * np.cos(angle), aspect * np.sin(angle)], [-np.sin(angle) - slant, np.cos(angle)]]
    return np.moveaxis(np.array(columns), 2, 0)


def draw_stroke(ink: Ink, points: Floats, *, width: float, pressure: float = 0.0, phase: float = 0.0) -> None:
    """Draw one stroke through points (p, 2) into ink (height, width), all in pixels.

    The width varies along the stroke by the share `pressure`, as a sine that begins at `phase`.
    """
    path = np.rint(points * 2**_SUBPIXEL_BITS).astype(np.int32)
    length = -(-len(path) // (_PRESSURE_STEPS if pressure > 0 else 1))
    for start in range(0, len(path) - 1, length):
        change = 1 + pressure * np.sin(phase + 5 * start / len(path))
        part = path[start : start + length + 1].reshape(-1, 1, 2)
        thickness = max(1, round(width * change))
        cv2.polylines(ink, [part], False, 255, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)
