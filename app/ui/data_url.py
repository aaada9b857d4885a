"""The picture in what the browser sent: a drawing or a photograph, as a data URL."""

from app.recognition.image.picture import PictureError, decode_base64

# What assets/photo.js keeps to; a scribbled-over pad is below 30,000 characters.
LONGEST_DATA_URL = 4_000_000


def picture_bytes(data_url: object) -> bytes:
    """The bytes of the picture in what the browser sent, which may be anything.

    Raises:
        PictureError: it is not a data URL of a picture of reasonable length.
    """
    if not isinstance(data_url, str) or not data_url.startswith("data:image/"):
        raise PictureError("the picture is not a data URL of a picture")
    if len(data_url) > LONGEST_DATA_URL:
        raise PictureError(f"the picture has {len(data_url)} characters, more than {LONGEST_DATA_URL}")
    return decode_base64(data_url)
