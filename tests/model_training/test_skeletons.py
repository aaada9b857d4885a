"""Strokes traced in ink lie along its middle, so that another pen can draw the same digit."""

import cv2
import numpy as np

from model_training.data.handwriting import draw_stroke
from model_training.data.mnist import Mnist
from model_training.data.skeletons import trace_strokes
from tests.pictures import Pixels


def _draw(*lines: tuple[tuple[int, int], tuple[int, int]]) -> Pixels:
    ink = np.zeros((28, 28), np.uint8)
    for start, end in lines:
        cv2.line(ink, start, end, 255.0, 3, cv2.LINE_AA)
    return ink


def test_traced_digits_lie_in_their_ink(mnist: Mnist) -> None:
    """Drawn again with a thinner pen, a digit covers nothing new and is smaller by a stroke width at most."""
    for image in mnist.train.images[:40]:
        drawn = np.zeros_like(image)
        for stroke in trace_strokes(image):
            draw_stroke(drawn, stroke - 0.5, width=1)
        assert (drawn[cv2.dilate(image, np.ones((3, 3), np.uint8)) < 60] < 60).all()
        (_, _, *size), (_, _, *traced) = cv2.boundingRect(image), cv2.boundingRect(drawn)
        assert np.less_equal(np.subtract(size, traced), 6).all()


def test_strokes_end_where_ink_ends_or_branches() -> None:
    """A bar is one stroke, a cross four from its middle, and a ring one that ends where it began."""
    assert len(trace_strokes(_draw(((6, 14), (22, 14))))) == 1
    cross = trace_strokes(_draw(((4, 14), (24, 14)), ((14, 4), (14, 24))))
    assert len(cross) == 4
    ends = np.concatenate([stroke[[0, -1]] for stroke in cross])
    assert np.count_nonzero(np.abs(ends - 14.5).max(axis=1) < 2) == 4
    ring = np.zeros((28, 28), np.uint8)
    cv2.circle(ring, (14, 14), 9, 255.0, 3)
    (stroke,) = trace_strokes(ring)
    assert np.linalg.norm(stroke[0] - stroke[-1]) < 1
    assert np.abs(np.linalg.norm(stroke - 14.5, axis=1) - 9).max() < 1


def test_the_smallest_ink_is_a_stroke() -> None:
    """A single pixel is one stroke, and so is a plus sign of five pixels."""
    plus = np.array([[0, 255, 0], [255, 255, 255], [0, 255, 0]], np.uint8)
    assert [len(trace_strokes(picture)) for picture in (np.full((1, 1), 255, np.uint8), plus)] == [1, 1]
