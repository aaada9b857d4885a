"""deployment.json: which of a Space's files were written here, so that others are left alone."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

MANIFEST_FILE = "deployment.json"


def content_ids(content: bytes) -> tuple[str, str]:
    """Return what the Hub may call this content: git's blob sha1, or the sha256 when it lies in LFS."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return blob.hexdigest(), hashlib.sha256(content).hexdigest()


def write_manifest(folder: Path) -> None:
    """Note all files of a folder in its deployment.json."""
    files = {path: content_ids(content) for path, content in read_files(folder).items()}
    noted = {"written_by": "python -m space deploy", "files": files}
    (folder / MANIFEST_FILE).write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")


def read_manifest(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the paths in a deployment.json, each with its content's ids; none if it is not one of ours."""
    try:
        files = json.loads(file.read_bytes())["files"]
        return {path: tuple(map(str, ids)) for path, ids in files.items() if _is_inside(path)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_inside(path: str) -> bool:
    """Tell whether a path stays in the folder that it starts from, whoever wrote it down."""
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts


def read_files(folder: Path) -> Mapping[str, bytes]:
    """Return the content of every file in a folder by its path there, with slashes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
