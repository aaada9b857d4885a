"""Writes the folder of a Space: all that the Hub needs to run it."""

import shutil
from pathlib import Path

from space.card import THUMBNAIL, TITLE, write_card
from space.errors import DeployError
from space.manifest import MANIFEST_FILE, read_manifest, write_manifest
from space.model import PinnedModel
from space.requirements import pin_requirements
from space.static_space import write_static_space
from space.target import Target

_PROJECT = Path(__file__).parent.parent
_TEMPLATES = Path(__file__).parent / "templates"


def write_folder(folder: Path, target: Target, *, model: PinnedModel) -> None:
    """Write all files of the Space into an empty `folder`, the same bytes each time.

    Raises:
        DeployError: this is no clone of the project, npm gives no LiteRT runtime for the static page, or the
            model's release.json cannot be understood.
    """
    if not (_PROJECT / "constraints.txt").exists():
        raise DeployError("a Space is deployed from a clone of the project, and this is none")
    if target.sdk == "static":
        write_static_space(folder, model=model, title=TITLE)
        shutil.copy(_PROJECT / "docs" / "static_page.png", folder / THUMBNAIL)
    else:
        _write_app(folder, target)
    write_card(folder, target, model=model)
    write_manifest(folder)


def _write_app(folder: Path, target: Target) -> None:
    shutil.copytree(_PROJECT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(_PROJECT / "docs" / "page.png", folder / THUMBNAIL)
    if target.sdk == "docker":
        shutil.copy(_TEMPLATES / "Dockerfile", folder)
        shutil.copy(_PROJECT / "constraints.txt", folder)
        requirements = pin_requirements(_PROJECT)
    else:
        shutil.copy(_TEMPLATES / "app.py", folder)
        # The Hub installs gradio[mcp] in the same breath, which wants a pydantic older than the tested one.
        requirements = pin_requirements(_PROJECT, unpinned={"pydantic"})
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")


def replace_output(output: Path, folder: Path) -> None:
    """Copy a Space's folder to `output`, in place of what an earlier call left there.

    Raises:
        DeployError: something else lies in `output`.
    """
    written = read_manifest(output / MANIFEST_FILE)
    if output.exists() and not (output.is_dir() and (written or not any(output.iterdir()))):
        raise DeployError(
            f"{output} holds something else; name an empty folder, or one that is not there yet"
        )
    for path in written:
        (output / path).unlink(missing_ok=True)
    shutil.copytree(folder, output, dirs_exist_ok=True)
