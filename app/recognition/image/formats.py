"""The formats of pictures that are read, in one table: add a format here and nowhere else."""

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class PictureFormat:
    """A format: its name in sentences and in Pillow, its media type and its file suffixes."""

    name: str
    pillow_name: str
    media_type: str
    suffixes: tuple[str, ...]


FORMATS: tuple[PictureFormat, ...] = (
    PictureFormat("PNG", "PNG", "image/png", (".png",)),
    PictureFormat("JPEG", "JPEG", "image/jpeg", (".jpg", ".jpeg")),
    PictureFormat("WebP", "WEBP", "image/webp", (".webp",)),
    PictureFormat("GIF", "GIF", "image/gif", (".gif",)),
    PictureFormat("BMP", "BMP", "image/bmp", (".bmp",)),
    PictureFormat("TIFF", "TIFF", "image/tiff", (".tif", ".tiff")),
    PictureFormat("AVIF", "AVIF", "image/avif", (".avif",)),
)
if find_spec("pillow_heif"):  # an extra
    from pillow_heif import register_heif_opener

    register_heif_opener()
    FORMATS += (PictureFormat("HEIC", "HEIF", "image/heic", (".heic", ".heif")),)
MEDIA_TYPES = tuple(each.media_type for each in FORMATS)
SUFFIXES = tuple(suffix for each in FORMATS for suffix in each.suffixes)
_NAMES = [each.name for each in FORMATS]
FORMAT_NAMES = f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}"  # "PNG, JPEG or WebP"
