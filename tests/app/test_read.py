"""The function `read`, for programs without a server."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import read
from app.model.release import BUNDLED_RELEASE, ReleaseError
from app.recognition.image.picture import PictureError
from tests.conftest import Digits
from tests.pictures import encode


def test_every_kind_of_picture_is_read(digits: Digits, tmp_path: Path) -> None:
    """A path, its text, bytes, an image and arrays of grey or colour get the same reading."""
    path = tmp_path / "seven.png"
    path.write_bytes(encode(digits.images[0]))
    grey = digits.images[0]
    pictures = (path, str(path), path.read_bytes(), Image.open(path), grey, np.stack([grey] * 3, axis=2))
    for picture in pictures:
        reading = read(picture, expect="digit")
        assert reading.text == "7"
        assert reading == read(grey, expect="digit", release=BUNDLED_RELEASE)


def test_what_cannot_be_read_is_an_error(digits: Digits, tmp_path: Path) -> None:
    """Each error says what is wrong."""
    with pytest.raises(ValueError, match=r"must be uint8 .* not float64 \(28, 28\)"):
        read(digits.images[0] / 255)
    with pytest.raises(ValueError, match=r"\(784,\)"):
        read(digits.images[0].ravel())
    with pytest.raises(ValueError, match="word"):
        read(digits.images[0], expect="word")  # type: ignore[arg-type]
    for broken in (b"hello", encode(digits.images[0])[:100]):
        with pytest.raises(PictureError):
            read(broken)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.png")
    with pytest.raises(ReleaseError):
        read(digits.images[0], release=tmp_path)
