"""The static Space: a page that needs no server, and reads digits in the browser with a release's reader."""

import re
import shutil
from pathlib import Path

from space.model import READER_FILE, RELEASE_FILE, PinnedModel
from space.static_space.litert import write_litert
from space.static_space.page import fill_in_page, fill_in_service_worker

__all__ = ["write_static_space"]

_SITE = Path(__file__).parent / "site"
# The page of the app, whose scripts and styles this one shares. Files, not the package: nothing of it is run.
_SHARED = Path(__file__).parents[2] / "app" / "ui" / "assets"
_SHARED_KINDS = ("*.js", "*.css", "*.png", "*.svg", "examples.json")
_NOT_SHARED = ("gradio_*",)  # these tie the app's page to Gradio


def write_static_space(folder: Path, *, model: PinnedModel, title: str) -> None:
    """Write all files of the page but the Space's README.md into `folder`, the same bytes each time.

    Raises:
        DeployError: npm cannot give the LiteRT runtime, or release.json cannot be understood.
    """
    shutil.copytree(_SITE, folder, dirs_exist_ok=True)
    _copy_shared(folder / "ui")
    write_litert(folder / "litert")
    for name in (READER_FILE, RELEASE_FILE):
        shutil.copyfile(model.folder / name, folder / name)
    desk = (_SHARED / "workspace.html").read_text(encoding="utf-8")
    fill_in_page(folder, model=model, title=title, desk=_without_server(desk))
    fill_in_service_worker(folder)


def _copy_shared(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    left_out = {path for kind in _NOT_SHARED for path in _SHARED.glob(kind)}
    for path in {path for kind in _SHARED_KINDS for path in _SHARED.glob(kind)} - left_out:
        shutil.copyfile(path, folder / path.name)


def _without_server(desk: str) -> str:
    """The desk without what only a server can do, which stands between comments there."""
    return re.sub(r"\s*<!-- server -->.*?<!-- /server -->", "", desk, flags=re.DOTALL)
