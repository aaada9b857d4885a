"""The formats of pictures that are read, in one table: add a format here and nowhere else."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PictureFormat:
    """A format: its name in sentences and in Pillow, its media type and its file suffixes."""

    name: str
    pillow_name: str
    media_type: str
    suffixes: tuple[str, ...]


FORMATS = (
    PictureFormat("PNG", "PNG", "image/png", (".png",)),
    PictureFormat("JPEG", "JPEG", "image/jpeg", (".jpg", ".jpeg")),
    PictureFormat("WebP", "WEBP", "image/webp", (".webp",)),
)
MEDIA_TYPES = tuple(each.media_type for each in FORMATS)
SUFFIXES = tuple(suffix for each in FORMATS for suffix in each.suffixes)
_NAMES = [each.name for each in FORMATS]
FORMAT_NAMES = f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}"  # "PNG, JPEG or WebP"
