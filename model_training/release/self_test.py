"""The self-test that a release carries: pictures, and what its reader says of them.

Whoever opens the release elsewhere, with another version of LiteRT or on another processor, sees at once
whether the reader still answers as it did where it was made.
"""

from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_training.release.reader_export import ink_of, read_ink

TOLERANCE = 0.01  # of probabilities and digit score; other processors round otherwise


def make_self_test(reader: Path, pictures: NDArray[np.uint8]) -> dict[str, Any]:
    """The self-test for release.json.

    Args:
        reader: the exported reader.
        pictures: uint8 (n, 28, 28), 0 paper to 255 ink.

    Returns:
        `tolerance`, and `cases`: each a `picture`, its 784 bytes row by row in base64, of which each pixel
        becomes a square of ink, and the expected `probabilities` and `digit_score`.
    """
    answers = read_ink(reader, ink_of(pictures))
    return {
        "tolerance": TOLERANCE,
        "cases": [
            {
                "picture": b64encode(picture.tobytes()).decode("ascii"),
                "probabilities": [round(float(share), 6) for share in probabilities],
                "digit_score": round(float(score), 6),
            }
            for picture, probabilities, score in zip(
                pictures, answers.probabilities, answers.digit_score, strict=True
            )
        ],
    }
