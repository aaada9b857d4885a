"""The project's recognition with the bundled release, for other servers."""

from app.model.loading import load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.recognition.image.picture import decode_base64, decode_picture, open_picture
from app.recognition.reading import Expect
from app.recognition.recognizer import Recognizer

_MOST_PIXELS = 25_000_000


def open_recognizer() -> Recognizer:
    """Return a recogniser with the bundled release."""
    return load_release(open_release(BUNDLED_RELEASE), Origin()).recognizer


def read_text(recognizer: Recognizer, image: str, expect: Expect) -> str:
    """Return the text of a picture in base64."""
    picture = decode_picture(open_picture(decode_base64(image), max_pixels=_MOST_PIXELS))
    return recognizer.read(picture, expect=expect).text
