"""Writes the folder of a Space, with deployment.json, which lists the files that a deployment wrote."""

import hashlib
import json
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from space.card import THUMBNAIL, write_card
from space.errors import DeployError
from space.model import READER_FILES, RELEASE_FILE, SpaceModel
from space.static_space.page import write_static_page
from space.target import Target

MANIFEST_FILE = "deployment.json"

_PROJECT = Path(__file__).parent.parent
_TEMPLATES = Path(__file__).parent / "templates"
_BEHIND_THE_HUB = """
# Only the Hub's proxy connects, and it gives the client's address.
ENV FORWARDED_ALLOW_IPS=*
"""


def write_folder(folder: Path, target: Target, *, model: SpaceModel) -> None:
    """Write all files of the Space into an empty folder. The same arguments give the same bytes.

    Raises:
        DeployError: this is not a clone of the project, or npm cannot provide the LiteRT runtime.
    """
    if not (_PROJECT / "constraints.txt").exists():
        raise DeployError("deploying needs a clone of the project; this is an installed package")
    if target.sdk == "static":
        write_static_page(folder, model=model)
    else:
        _write_app(folder, target)
        for name in (RELEASE_FILE, *READER_FILES) if model.commit is None else ():
            shutil.copyfile(model.folder / name, folder / "app" / "model" / "bundled" / name)
    picture = "static_page.png" if target.sdk == "static" else "page.png"
    shutil.copy(_PROJECT / "docs" / picture, folder / THUMBNAIL)
    write_card(folder, target, model=model)
    files = {path: hash_content(content) for path, content in read_files(folder).items()}
    manifest = {"written_by": "python -m space deploy", "files": files}
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _write_app(folder: Path, target: Target) -> None:
    shutil.copytree(_PROJECT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    if target.sdk == "docker":
        for name in ("pyproject.toml", "constraints.txt"):
            shutil.copy(_PROJECT / name, folder)
        dockerfile = (_PROJECT / "Dockerfile").read_text(encoding="utf-8")
        (folder / "Dockerfile").write_text(dockerfile + _BEHIND_THE_HUB, encoding="utf-8")
    else:
        shutil.copy(_TEMPLATES / "app.py", folder)
        (folder / "requirements.txt").write_text(_pin_requirements(), encoding="utf-8")


def _pin_requirements() -> str:
    """Return pyproject.toml's dependencies, pinned as in constraints.txt.

    Pydantic is not: for Gradio Spaces the Hub also installs gradio[mcp], which needs an older one.
    """
    lines = (_PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    constraints = [Requirement(line) for line in lines if not line.startswith("#")]
    pins = {canonicalize_name(pin.name): pin.specifier for pin in constraints}
    project = tomllib.loads((_PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [Requirement(line) for line in project["dependencies"]]
    for requirement in requirements:
        if requirement.name != "pydantic":
            requirement.specifier = pins[canonicalize_name(requirement.name)]
    return "".join(f"{requirement}\n" for requirement in requirements)


def replace_output(output: Path, folder: Path) -> None:
    """Copy a Space's folder to `output`, in place of the files that an earlier call wrote there.

    Raises:
        DeployError: `output` holds other files only.
    """
    written = read_manifest(output / MANIFEST_FILE)
    if output.exists() and not (output.is_dir() and (written or not any(output.iterdir()))):
        raise DeployError(f"{output} is not empty and not from a dry run; choose a new or an empty folder")
    for path in written:
        (output / path).unlink(missing_ok=True)
    shutil.copytree(folder, output, dirs_exist_ok=True)


def read_files(folder: Path) -> Mapping[str, bytes]:
    """Return the content of every file in a folder, by its relative path with slashes."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def hash_content(content: bytes) -> tuple[str, str]:
    """Return the ids that the Hub may give this content: git's blob sha1, and the sha256 of files in LFS."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return blob.hexdigest(), hashlib.sha256(content).hexdigest()


def read_manifest(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the files that a deployment.json lists, with their content ids; none without a valid one.

    Paths out of the folder are ignored: the file may be from someone else.
    """
    try:
        files = json.loads(file.read_bytes())["files"]
        inside = (path for path in files if not path.startswith("/") and ".." not in path.split("/"))
        return {path: tuple(map(str, files[path])) for path in inside}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
