"""Reads the digits of a line again with the digit reader, each on its own ink."""

import cv2
import numpy as np

from app.recognition.constants import LINE_READER
from app.recognition.image.ink import Ink
from app.recognition.readers.decoding import DIGITS, Opinions
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.readers.text_line import DRAWN, PlacedSign
from app.recognition.reading import Box, Digit

_MARGIN = LINE_READER["box_margin"]  # of its height; the line reader is wrong by a pixel or two
_MOST = 0.5  # of a component, and of the ink in a box


class DigitCutter:
    """Cuts the ink of single digits out of a line of ink, uint8 (height, width)."""

    def __init__(self, ink: Ink) -> None:
        self._ink = ink
        drawn = ink >= DRAWN
        count, labels = cv2.connectedComponentsWithAlgorithm(
            drawn.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_BBDT
        )
        self._labels = np.asarray(labels)
        self._areas = np.bincount(self._labels[drawn], minlength=count)  # OpenCV's statistics take longer

    def cut(self, box: Box) -> tuple[Box, Ink]:
        """Return the ink of the digit in `box`, which is enlarged a little, and the smallest box around it.

        A component that lies mostly outside of the box belongs to a neighbour, unless it is most of the ink
        in the box: digits that touch are one component.
        """
        height, width = self._ink.shape
        box = box.grown(round(_MARGIN * box.height), within=(width, height))
        ink, labels = self._ink[box.slices], self._labels[box.slices]
        inside = np.bincount(labels.ravel())
        whole = self._areas[: len(inside)]
        foreign = (inside < _MOST * whole) & (inside < _MOST * inside[1:].sum()) & (inside > 0)
        if foreign[1:].any():
            foreign[0] = False  # paper
            ink = np.where(foreign[labels], np.uint8(0), ink)
        x, y, width, height = cv2.boundingRect((ink >= DRAWN).view(np.uint8))
        if not width:
            return box, ink
        return Box(box.x + x, box.y + y, width, height), ink[y : y + height, x : x + width]


def read_again(placed: PlacedSign, cutter: DigitCutter, reader: DigitReader, opinions: Opinions) -> Digit:
    """Return the digit of a sign, as both readers together read it; its box is in the line's ink."""
    box, ink = cutter.cut(placed.box)
    prediction, first = reader.read_ink(ink), placed.sign.probabilities[:DIGITS]
    probabilities = opinions.join_probabilities(first, prediction.probabilities)
    score = opinions.join_scores(float(first.sum()), prediction.digit_score)
    best = int(probabilities.argmax())
    return Digit(
        digit=best,
        confidence=float(probabilities[best]),
        digit_score=score,
        accepted=score >= opinions.acceptance_threshold,
        probabilities=tuple(probabilities.tolist()),
        box=box,
        normalised=prediction.normalised,
        embedding=prediction.embedding,
    )
