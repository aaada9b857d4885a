"""A release on the stand-in Hub, valid or with changes."""

import json
from typing import Any

from app.model.release import BUNDLED_RELEASE

REPO = "ann/digits"


def release_files(**changes: Any) -> dict[str, bytes]:
    """Return the files of a release, with changes to release.json, and a file that the app must not load."""
    files = {path.name: path.read_bytes() for path in BUNDLED_RELEASE.iterdir() if path.is_file()}
    description = json.loads(files["release.json"]) | changes
    return files | {"release.json": json.dumps(description).encode(), "model.keras": b"pickled evil" * 1000}
