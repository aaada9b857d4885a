"""Takes all ink as one digit, or decides that it is several."""

from app.recognition.image.ink import Ink
from app.recognition.layout.components import SOLID, Pieces, Region, cut_out, find_pieces
from app.recognition.layout.text_lines import group_strokes
from app.recognition.reading import Box

_DIGIT_WIDTH = 1.2  # of its height: hardly a digit is wider
_FLAT = 3.0  # times as wide as high: a bar, or a line under digits, which would join them to one
_COMPARABLE_HEIGHT = 0.5  # of the tallest: digits of one number are at least this tall


def take_as_one(ink: Ink, pieces: Pieces) -> Region | None:
    """Take all ink, uint8 (height, width), as one digit, but for specks and a frame; None without any.

    Args:
        ink: in the smallest box around it.
        pieces: of it, faint ink included.
    """
    return cut_out(ink, pieces, members=pieces.boxes, grow=0) if pieces.boxes else None


def are_several(ink: Ink, pieces: Pieces, *, framed: bool) -> bool:
    """Say whether ink shows several digits: of comparable height, and not one digit with a faint stroke.

    They are several when together they are wider than a digit, or when not even faint ink joins them.
    Arguments as those of `take_as_one`; `framed` tells whether there may be a frame.
    """
    height, width = ink.shape
    if len(pieces.boxes) < 2 and not is_wide(Box(0, 0, width, height)):
        return False
    boxes = _group(find_pieces(ink, level=SOLID, framed=framed))
    if not _are_comparable(boxes):
        return False
    return is_wide(Box.around(boxes)) or _are_comparable(_group(pieces))


def is_wide(box: Box) -> bool:
    """Say whether a box is wider than hardly any digit is."""
    return box.width > _DIGIT_WIDTH * box.height


def _group(pieces: Pieces) -> list[Box]:
    boxes = {label: box for label, box in pieces.boxes.items() if box.width < _FLAT * box.height}
    return list(group_strokes(boxes).values())


def _are_comparable(boxes: list[Box]) -> bool:
    tallest = max((box.height for box in boxes), default=0)
    return sum(box.height >= _COMPARABLE_HEIGHT * tallest for box in boxes) > 1
