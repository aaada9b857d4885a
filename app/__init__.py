"""Handwritten digits: `read` reads a picture in a program; `python -m app` serves the page and the API."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:  # `python -m app --help` needs none of these
    from numpy.typing import NDArray
    from PIL import Image

    from app.recognition.reading import Reading
    from app.recognition.recognizer import Recognizer


def read(
    picture: "str | Path | bytes | Image.Image | NDArray[Any]",
    *,
    expect: Literal["auto", "digit", "number"] = "auto",
    release: Path | str | None = None,
) -> "Reading":
    """Read the digits of a picture, dark on light or light on dark, without a server.

    Args:
        picture: a path, the bytes of a file, an image of Pillow, or an array of grey values, uint8 (h, w) or
            (h, w, 1), or of red, green and blue, (h, w, 3).
        expect: `digit` if the whole picture is one digit, `number` if it shows numbers.
        release: the folder of a release; by default the one in this package.

    Raises:
        PictureError: there is no picture in the file, or it is broken or too large.
        ValueError: the array has another shape or type, or `expect` is another.
        OSError: the file cannot be read.
        ReleaseError: the folder holds no valid release.
    """
    import numpy as np
    from PIL import Image

    from app.recognition.image.picture import Picture, decode_picture, open_picture
    from app.recognition.reading import Expect
    from app.settings import Settings

    if expect not in get_args(Expect):
        raise ValueError(f"expect must be one of {', '.join(get_args(Expect))}, not {expect!r}")
    recognizer = _load(release)
    if isinstance(picture, str | Path):
        picture = Path(picture).read_bytes()
    if isinstance(picture, bytes):
        opened = open_picture(picture, max_pixels=Settings.model_fields["max_pixels"].default)
        return recognizer.read(decode_picture(opened), expect=expect)
    if isinstance(picture, Image.Image):
        return recognizer.read(decode_picture(picture.copy()), expect=expect)
    array = np.asarray(picture)
    values = array[..., None] if array.ndim == 2 else array
    if values.dtype != np.uint8 or values.ndim != 3 or values.shape[2] not in (1, 3) or not values.size:
        raise ValueError(
            f"an array must be uint8 (h, w), (h, w, 1) or (h, w, 3), not {array.dtype} {array.shape}"
        )
    return recognizer.read(Picture(values), expect=expect)


@cache
def _load(release: Path | str | None) -> "Recognizer":
    from app.model.loading import load_release
    from app.model.release import BUNDLED_RELEASE, Origin, open_release

    return load_release(open_release(Path(release or BUNDLED_RELEASE)), Origin()).recognizer
