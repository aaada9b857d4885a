"""Finds lines of text in ink. To be replaced: one line around all ink."""

from dataclasses import dataclass

import cv2

from app.recognition.image.ink import Ink
from app.recognition.reading import Box


@dataclass(frozen=True)
class Line:
    """A line of text: its box in the picture, and its ink alone, uint8 (height, width)."""

    box: Box
    ink: Ink


def find_lines(ink: Ink) -> list[Line]:
    """Return the lines of ink, uint8 (height, width), from top to bottom."""
    box = Box(*cv2.boundingRect(ink))
    return [Line(box, ink[box.slices])] if box.width else []
