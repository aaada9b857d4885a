"""The bundled release's reader and recogniser, without a server."""

from collections.abc import Callable

import pytest

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.picture import decode_picture, open_picture
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.readers.line_reader import LineReader
from app.recognition.reading import Expect, Reading
from app.recognition.recognizer import Recognizer
from tests.pictures import Pixels, encode

Read = Callable[[bytes | Pixels, Expect], Reading]


@pytest.fixture(scope="session")
def reader() -> DigitReader:
    release = open_release(BUNDLED_RELEASE)
    return DigitReader(release.reader, drawing_size=release.drawing_size)


@pytest.fixture(scope="session")
def line_reader() -> LineReader:
    line = open_release(BUNDLED_RELEASE).line
    return LineReader(line.reader, classes=line.classes)


@pytest.fixture(scope="session")
def read(recognizer: Recognizer) -> Read:
    """Decode and read an encoded picture, or pixels sent as PNG."""

    def read(picture: bytes | Pixels, expect: Expect) -> Reading:
        data = picture if isinstance(picture, bytes) else encode(picture)
        return recognizer.read(decode_picture(open_picture(data, max_pixels=16_000_000)), expect=expect)

    return read
