"""Writes the static page: its scripts, the assets shared with the app, the LiteRT runtime and the readers."""

import hashlib
import json
import re
import shutil
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from space.model import READER_FILES, RELEASE_FILE, SpaceModel
from space.static_space.litert import load_runtime

_SITE = Path(__file__).parent / "site"
# Files of the app that the page shares. They are copied; nothing of the app is imported.
_APP = Path(__file__).parents[2] / "app"
_ASSETS = _APP / "ui" / "assets"
_SHARED = ("*.js", "*.css", "icon*.png", "*.svg", "*.woff2", "fraunces_licence.txt", "examples.json")
_CONSTANTS = _APP / "recognition" / "constants.json"
# Hosts to which huggingface.co redirects downloads, as in a Content-Security-Policy.
_HUB_STORES = "https://*.hf.co https://*.huggingface.co"
# Not stored by the service worker: model.js itself stores the model.
_NOT_STORED = {*READER_FILES, RELEASE_FILE, "service_worker.js", "index.html"}


def write_static_page(folder: Path, *, model: SpaceModel) -> None:
    """Write all files of the page except the Space's README.md. The same arguments give the same bytes.

    Raises:
        DeployError: npm cannot provide the LiteRT runtime.
    """
    shutil.copytree(_SITE, folder, dirs_exist_ok=True)
    assets = folder / "ui"
    assets.mkdir(exist_ok=True)
    for path in {path for pattern in _SHARED for path in _ASSETS.glob(pattern)}:
        if not path.name.startswith(("gradio_", "service_worker")):
            shutil.copyfile(path, assets / path.name)
    # A module, since Firefox imports JSON only from version 138 of 2025 on.
    constants = _CONSTANTS.read_text(encoding="utf-8").strip()
    (assets / "constants.js").write_text(f"export default {constants};\n", encoding="utf-8")
    for name, content in load_runtime().items():
        (folder / "litert" / name).write_bytes(content)
    for name in (*READER_FILES, RELEASE_FILE):
        shutil.copyfile(model.folder / name, folder / name)
    _fill_in_page(folder, model=model)
    _fill_in_service_worker(folder)


def _fill_in_page(folder: Path, *, model: SpaceModel) -> None:
    scores = [f"{dataset}: {result} ({size:,} pictures)" for dataset, size, result in model.scores]
    name, hub, url = escape(model.name), "", ""
    if commit := model.commit:
        name = f'<a href="{escape(f"{commit.url}/tree/{commit.revision}")}">{name}</a>'
        hub, url = _hub_sources(commit.url), f"{commit.url}/resolve/{commit.revision}/"
    described = {
        "name": name,
        "measured": "".join(f"<li>{escape(score)}</li>" for score in scores),
        "accuracy": escape(scores[0]) if scores else "",
    }
    pinned = {  # for main.js and model.js
        "url": url,
        "sha256": model.sha256,
        "labels": model.labels,
        "threshold": model.threshold,
        "line_reader": model.line_reader,
    }
    downloads = [*(folder / "litert").glob("*.gzip"), *(folder / name for name in READER_FILES)]
    _fill_in(
        folder / "index.html",
        workspace=_read_markup("workspace.html"),
        footer=re.sub(
            r'<(\w+) data-value="(\w+)">',
            lambda match: match[0] + described[match[2]],
            _read_markup("footer.html"),
        ),
        hub=hub,
        model=json.dumps(pinned).replace("<", "\\u003c"),  # "</script>" in a name must not end the script
        megabytes=f"{sum(path.stat().st_size for path in downloads) / 1e6:.1f}",
    )


def _read_markup(name: str) -> str:
    """Return markup of the app's page without the parts that need a server."""
    markup = (_ASSETS / name).read_text(encoding="utf-8")
    return re.sub(r"\s*<!-- server -->.*?<!-- /server -->", "", markup, flags=re.DOTALL)


def _hub_sources(url: str) -> str:
    """Return the hosts that the page may load the model from."""
    address = urlsplit(url)
    origin = f"{address.scheme}://{address.netloc}"
    return f"{origin} {_HUB_STORES}" if address.hostname == "huggingface.co" else origin


def _fill_in_service_worker(folder: Path) -> None:
    """List the page's files in its service worker, and a version that depends on all of them."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    version = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        version.update(f"{path.relative_to(folder).as_posix()} {len(content)} ".encode() + content)
    names = [path.relative_to(folder).as_posix() for path in paths]
    stored = ["./", *(name for name in names if name not in _NOT_STORED)]
    _fill_in(folder / "service_worker.js", version=version.hexdigest(), files=json.dumps(stored))


def _fill_in(path: Path, **values: str) -> None:
    path.write_text(Template(path.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
