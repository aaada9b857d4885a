"""Fills in what the page says of its model, and which files its service worker keeps."""

import hashlib
import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from space.errors import DeployError
from space.model import READER_FILE, RELEASE_FILE, PinnedModel

_HUB = "huggingface.co"
# Where the Hub sends who asks it for a file, in the words of a Content-Security-Policy.
_HUB_STORES = "https://*.hf.co https://*.huggingface.co"
_TOLD = {"accuracy": "read right", "refused": "rightly refused as no digits"}

# Not kept by the service worker: the page itself keeps the model, from wherever it came.
_NOT_KEPT = {READER_FILE, RELEASE_FILE, "service_worker.js"}


def fill_in_page(folder: Path, *, model: PinnedModel, title: str, desk: str) -> None:
    """Fill in index.html and manifest.webmanifest.

    Args:
        folder: holds all files of the page.
        model: is read with, and no other.
        title: of the page.
        desk: the markup of what people draw on.

    Raises:
        DeployError: the model's release.json cannot be understood.
    """
    try:
        release = model.describe()
        pinned = _pin(model, release)
        measured = _tell_measured(release["metrics"])
    except (KeyError, TypeError, ValueError) as error:
        raise DeployError(f"{RELEASE_FILE} of {model.repo} cannot be understood: {error!r}") from error
    _fill_in(
        folder / "index.html",
        title=escape(title),
        desk=desk,
        hub=_hub_sources(model.endpoint),
        # Not even a name with "</script>" in it ends the script that this stands in.
        model=json.dumps(pinned).replace("<", "\\u003c"),
        model_page=escape(f"{model.endpoint}/{model.repo}/tree/{model.revision}"),
        model_name=escape(f"{model.repo} at {model.revision[:12]}"),
        measured="".join(f"<li>{escape(line)}</li>" for line in measured),
        first_measured=escape(measured[0]) if measured else "",
        megabytes=f"{_megabytes_to_fetch(folder):.1f}",
    )
    _fill_in(folder / "manifest.webmanifest", title=json.dumps(title))


def fill_in_service_worker(folder: Path) -> None:
    """Name the page's files in its service worker, and their version, which changes with any of them."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    version = hashlib.sha256()
    for name, content in files.items():
        version.update(f"{name} {len(content)} ".encode() + content)
    kept = ["./", *(name for name in files if name not in {"index.html", *_NOT_KEPT})]
    _fill_in(folder / "service_worker.js", version=version.hexdigest(), files=json.dumps(kept))


def _fill_in(path: Path, **values: str) -> None:
    path.write_text(Template(path.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")


def _pin(model: PinnedModel, release: dict[str, Any]) -> dict[str, Any]:
    """What site/page/model.js fetches and checks, and site/page/main.js needs to know of it."""
    return {
        "url": f"{model.endpoint}/{model.repo}/resolve/{model.revision}/{READER_FILE}",
        "sha256": str(release["files"][READER_FILE]["sha256"]),
        "threshold": float(release["acceptance_threshold"]),
    }


def _tell_measured(metrics: Iterable[dict[str, Any]]) -> list[str]:
    """What was measured of the model, first of all on digits that were held back."""
    told = [metric for metric in metrics if metric["metric"] in _TOLD]
    told.sort(key=lambda metric: "test" not in metric["dataset"])
    return [
        f"{metric['dataset']}: {100 * metric['value']:.4g} % of {metric['size']:,} {_TOLD[metric['metric']]}"
        for metric in told
    ]


def _hub_sources(endpoint: str) -> str:
    address = urlsplit(endpoint)
    origin = f"{address.scheme}://{address.netloc}"
    return f"{origin} {_HUB_STORES}" if address.hostname == _HUB else origin


def _megabytes_to_fetch(folder: Path) -> float:
    """The two files that make a first visit slow: the runtime and the model."""
    large = [*(folder / "litert").glob("*.gzip"), folder / READER_FILE]
    return sum(path.stat().st_size for path in large) / 1e6
