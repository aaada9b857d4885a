"""Groups components into digits and digits into lines of text, by where their boxes lie."""

from collections.abc import Iterable
from statistics import median

from app.recognition.constants import LAYOUT
from app.recognition.image.ink import Ink
from app.recognition.layout.components import SOLID, Components, find_components
from app.recognition.reading import Box

_MAX_GROUPED = 200  # components, the largest; comparing them takes the square of their number
_MAX_ASPECT = 1.2  # width of one digit, in heights; hardly any digit is wider
_BAR_ASPECT = 3.0  # width of a bar, or of a line under digits, in heights; it would join digits to one
_MIN_COMPARABLE = 0.5  # of the tallest; digits of one number are at least this tall


def typical_height(boxes: Iterable[Box]) -> float:
    """Return the height of a digit, in pixels, given boxes of digits, marks and strokes; 0 without any."""
    heights = [box.height for box in boxes]
    tall = LAYOUT["tall_share_of_tallest"] * max(heights, default=0)
    return median(height for height in heights if height >= tall) if heights else 0.0


def are_several(ink: Ink, components: Components, *, framed: bool) -> bool:
    """Return whether ink shows several digits: of comparable height, and not one digit with a faint stroke.

    They are several when together they are wider than a digit, or when not even faint ink joins them. The
    ink, uint8 (height, width), fills its array; `components` are those of faint ink too.
    """
    height, width = ink.shape
    if len(components.boxes) < 2 and not is_wide(Box(0, 0, width, height)):
        return False
    digits = _group_strokes(find_components(ink, level=SOLID, framed=framed))
    if not _are_comparable(digits):
        return False
    return is_wide(Box.around(digits)) or _are_comparable(_group_strokes(components))


def is_wide(box: Box) -> bool:
    """Return whether a box is wider than a digit."""
    return box.width > _MAX_ASPECT * box.height


def split_lines(boxes: dict[int, Box], *, height: float) -> list[list[int]]:
    """Assign the keys of boxes to lines of digits that are `height` pixels tall, from top to bottom.

    Tall boxes make the lines; lower ones join the nearest line, and are left out where none is near.
    """
    tall = {key: box for key, box in boxes.items() if box.height >= LAYOUT["tall_share_of_tallest"] * height}
    lines: list[list[int]] = []
    middles = {key: box.y + box.height / 2 for key, box in boxes.items()}
    for key in sorted(tall, key=middles.__getitem__):
        span = Box.around(tall[other] for other in lines[-1]) if lines else None
        if span and span.y <= middles[key] < span.bottom:
            lines[-1].append(key)
        else:
            lines.append([key])
    spans = [Box.around(tall[key] for key in line) for line in lines]
    for key in boxes.keys() - tall.keys():
        distances = [max(span.y - middles[key], middles[key] - span.bottom) for span in spans]
        if distances and min(distances) <= LAYOUT["mark_distance_from_line"] * height:
            lines[distances.index(min(distances))].append(key)
    return lines


def _group_strokes(components: Components) -> list[Box]:
    """Return the box of each digit, whose strokes, such as the bar of a 5 and its body, are joined."""
    strokes = [box for box in components.boxes.values() if box.width < _BAR_ASPECT * box.height]
    largest = sorted(strokes, key=lambda box: -box.width * box.height)[:_MAX_GROUPED]
    height = typical_height(largest)
    digits: list[Box] = []
    for box in largest:
        while partner := next((other for other in digits if _are_one(box, other, height=height)), None):
            digits.remove(partner)
            box = Box.around([box, partner])
        digits.append(box)
    return digits


def _are_one(first: Box, second: Box, *, height: float) -> bool:
    """Return whether two boxes hold strokes of one digit, where digits are `height` pixels tall."""
    overlap = min(first.right, second.right) - max(first.x, second.x)
    if overlap < LAYOUT["same_digit_overlap_share"] * min(first.width, second.width):
        return False
    gap = max(first.y, second.y) - min(first.bottom, second.bottom)
    two_lines = gap >= 0 and min(first.height, second.height) >= LAYOUT["separate_digit_height"] * height
    return gap <= LAYOUT["same_digit_gap"] * height and not two_lines


def _are_comparable(digits: list[Box]) -> bool:
    tallest = max((box.height for box in digits), default=0)
    return sum(box.height >= _MIN_COMPARABLE * tallest for box in digits) > 1
