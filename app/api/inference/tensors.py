"""The tensors of the protocol: what they are called, how their elements are stored, what is in them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.api.inference.schemas import SIDE, OutputName, OutputType
from app.recognition.image.picture import Picture
from app.recognition.reading import Box, Digit

# Little-endian, as the extension for binary data demands.
DTYPES = {"BOOL": "?", "UINT8": "u1", "INT64": "<i8", "FP32": "<f4"}
# The type of each output's elements, and its shape for one image.
OUTPUTS: dict[OutputName, tuple[OutputType, tuple[int, ...]]] = {
    "digit": ("INT64", ()),
    "confidence": ("FP32", ()),
    "digit_score": ("FP32", ()),
    "accepted": ("BOOL", ()),
    "probabilities": ("FP32", (10,)),
}
NO_DIGIT = Digit(
    digit=-1,
    confidence=0.0,
    digit_score=0.0,
    accepted=False,
    probabilities=(0.0,) * 10,
    box=Box(0, 0, 0, 0),
    seen=np.zeros((SIDE, SIDE), np.float32),
)
_MARGIN = SIDE // 2


def draw(ink: NDArray[np.uint8]) -> Picture:
    """Make a picture of ink, uint8 (28, 28): drawn on transparent paper, so that no colour is guessed at.

    The margin leaves most of the paper transparent however much is drawn: a picture that is opaque almost
    everywhere would pass for a photograph.
    """
    opacity = np.pad(ink, _MARGIN)
    return Picture(np.zeros((*opacity.shape, 1), np.uint8), opacity)


def stack(digits: Sequence[Digit], name: OutputName) -> NDArray[np.generic]:
    """Return one output, (n, ...), of n digits."""
    return np.array([getattr(digit, name) for digit in digits], DTYPES[OUTPUTS[name][0]])
