"""From the text that a picture was sent as to its bytes."""

import base64
import re

from app.recognition.image.picture import PictureError

_ADDRESS = re.compile(r"(?:https?|ftp|file)://", re.IGNORECASE)


def decode_base64(text: str) -> bytes:
    """Decode base64, plain or as a data: URL; line breaks and blanks are ignored. No address is ever fetched.

    Raises:
        PictureError: it is neither.
    """
    text = text.lstrip()
    if _ADDRESS.match(text):
        raise PictureError(
            "the image is an address, and nothing is fetched; send the picture itself in base64"
        )
    if text[:5].lower() == "data:":
        head, _, text = text.partition(",")
        if not head.lower().endswith(";base64"):
            raise PictureError("the data: URL is not in base64")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise PictureError("the image is not valid base64") from error
