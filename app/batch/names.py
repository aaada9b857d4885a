"""Which files may hold pictures, by their names."""

from pathlib import PurePath

_PICTURES = {".png", ".jpg", ".jpeg", ".webp"}


def may_hold_pictures(path: str) -> bool:
    """Tell whether a file is called as a picture or as a Parquet file."""
    return PurePath(path).suffix.lower() in _PICTURES or is_parquet(path)


def is_parquet(path: str) -> bool:
    """Tell whether a file is called as a Parquet file."""
    return PurePath(path).suffix.lower() == ".parquet"
