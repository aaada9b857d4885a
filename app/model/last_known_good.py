"""Remembers which commit of a model was served last, so that the app can start without the Hub."""

import json
import logging
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote

from app.model.hub import HubModel

_log = logging.getLogger(__name__)


def remember(model: HubModel, commit: str) -> None:
    """Note that `commit` was verified. Several apps may share the note; the last one to write it counts."""
    path = _find_note(model)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, suffix=".partial", delete=False) as file:
            json.dump({"commit": commit}, file)
        os.replace(file.name, path)
    except OSError as error:
        _log.warning("The commit of %s cannot be noted: %s", model, error)


def recall(model: HubModel) -> str | None:
    """Return the commit that was noted last, if there is one."""
    try:
        commit = json.loads(_find_note(model).read_text(encoding="utf-8"))["commit"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return commit if isinstance(commit, str) else None


def _find_note(model: HubModel) -> Path:
    from huggingface_hub.constants import HF_HOME

    name = quote(f"{model.repo}@{model.revision}", safe="@")
    return Path(HF_HOME) / "handwritten-digits" / f"{name}.json"
