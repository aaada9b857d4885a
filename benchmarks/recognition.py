"""How long the recogniser alone takes, in process, for the pictures that take longest."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.picture import decode_picture, open_picture
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.recognizer import Recognizer
from tests.pictures import encode
from tests.simulated_photographs import SEVERITIES, Kind, photograph
from tests.written_numbers import Line, write_number

_LONG = 10  # digits
_PHOTOGRAPH = (4000, 3000)  # pixels: 12 megapixels
_MOST_PIXELS = 100_000_000


def prepare_readings() -> dict[str, list[Callable[[], object]]]:
    """What is to be timed, by name: several different pictures for each."""
    release = open_release(BUNDLED_RELEASE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    recognizer = Recognizer(reader, acceptance_threshold=release.acceptance_threshold)

    def read(picture: bytes) -> object:
        return recognizer.read(
            decode_picture(open_picture(picture, max_pixels=_MOST_PIXELS)), expect="number"
        )

    def explain(picture: bytes) -> object:
        return recognizer.explain(decode_picture(open_picture(picture, max_pixels=_MOST_PIXELS)))

    photographs: dict[str, list[Callable[[], object]]] = {
        f"photograph of 12 megapixels, JPEG, {kind}": [
            partial(read, _photograph(kind, severity)) for severity in SEVERITIES
        ]
        for kind in ("clean paper", "squared paper")
    }
    return {
        "number of ten digits": [partial(read, _write(_LONG, seed)) for seed in range(50)],
        "one digit explained": [partial(explain, _write(1, seed)) for seed in range(50)],
        **photographs,
    }


def _write(count: int, seed: int) -> bytes:
    generator = np.random.default_rng(seed)
    text = "".join(map(str, generator.integers(0, 10, count)))
    ink = write_number(text, generator=generator, line=Line(height=40, gap=(0.02, 0.3)))
    return encode(255 - ink)


def _photograph(kind: Kind, severity: int) -> bytes:
    generator = np.random.default_rng(severity)
    ink = write_number("35681", generator=generator)
    picture = photograph(ink, kind, severity=severity, generator=generator)
    return encode(Image.fromarray(picture).resize(_PHOTOGRAPH), "JPEG")
