"""Puts strokes together into digits and digits into lines, by where their boxes lie."""

from collections.abc import Iterable
from statistics import median
from typing import TypeVar

from app.recognition.reading import Box

Key = TypeVar("Key")

_MOST_STROKES = 200  # the largest; comparing them takes the square of their number
_OVERLAP = 0.5  # of the narrower box: strokes that overlap so much from left to right are one digit
_GAP = 0.3  # of a digit's height: strokes of one digit are not further apart from top to bottom
_WHOLE = 0.7  # of a digit's height: two strokes this tall, one under the other, are two digits
_NEAR = 0.45  # of a digit's height: a mark so far above or below a line still belongs to it
_TALL = 0.5  # of the tallest box: lower ones are marks and parts of digits, and say nothing about the height


def typical_height(boxes: Iterable[Box]) -> float:
    """Return the height of a digit, in pixels, given boxes of digits, marks and strokes; 0 without any."""
    heights = [box.height for box in boxes]
    tall = _TALL * max(heights, default=0)
    return median(height for height in heights if height >= tall) if heights else 0.0


def group_strokes(strokes: dict[int, Box]) -> dict[frozenset[int], Box]:
    """Put together the strokes of each digit, such as the bar of a 5 and its body.

    Returns:
        The box of each digit, by the set of its strokes' keys.
    """
    largest = sorted(strokes, key=lambda key: -strokes[key].width * strokes[key].height)[:_MOST_STROKES]
    height = typical_height(strokes[key] for key in largest)
    groups: dict[frozenset[int], Box] = {}
    for key in largest:
        members, box = frozenset([key]), strokes[key]
        while found := _find_partner(box, groups, height=height):
            members, box = members | found, Box.around([box, groups.pop(found)])
        groups[members] = box
    return groups


def split_lines(boxes: dict[Key, Box], *, height: float) -> list[list[Key]]:
    """Share out the keys of boxes to lines of digits that are `height` pixels tall, from top to bottom.

    Tall boxes make the lines; what is lower joins the nearest, and is left out where none is near.
    """
    tall = {key: box for key, box in boxes.items() if box.height >= _TALL * height}
    lines: list[list[Key]] = []
    for key in sorted(tall, key=lambda key: tall[key].middle):
        if lines and _is_beside(tall[key], Box.around(tall[other] for other in lines[-1])):
            lines[-1].append(key)
        else:
            lines.append([key])
    spans = [Box.around(tall[key] for key in line) for line in lines]
    for key in boxes.keys() - tall.keys():
        distances = [max(span.y - boxes[key].middle, boxes[key].middle - span.bottom) for span in spans]
        if distances and min(distances) <= _NEAR * height:
            lines[distances.index(min(distances))].append(key)
    return lines


def _find_partner(box: Box, groups: dict[frozenset[int], Box], *, height: float) -> frozenset[int] | None:
    return next((members for members, other in groups.items() if _are_one(box, other, height=height)), None)


def _are_one(first: Box, second: Box, *, height: float) -> bool:
    """Say whether two boxes hold strokes of one digit, where digits are `height` pixels tall."""
    across = min(first.right, second.right) - max(first.x, second.x)
    if across < _OVERLAP * min(first.width, second.width):
        return False
    gap = max(first.y, second.y) - min(first.bottom, second.bottom)
    two_lines = gap >= 0 and min(first.height, second.height) >= _WHOLE * height
    return gap <= _GAP * height and not two_lines


def _is_beside(box: Box, line: Box) -> bool:
    return line.y <= box.middle < line.bottom
