"""The unmodified client, pointed at the stand-in, for the stand-in's own tests."""

from pathlib import Path

import pytest
from huggingface_hub import HfApi

from tests.hub.server import Hub


@pytest.fixture
def api(hub: Hub, client_settings: None) -> HfApi:  # noqa: ARG001
    """The client with a token of ann's that may write."""
    return HfApi(endpoint=hub.url, token=hub.token())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a README and, in a folder of its own, a file that belongs in LFS."""
    folder = tmp_path / "folder"
    (folder / "weights").mkdir(parents=True)
    (folder / "README.md").write_text("---\nlicense: mit\nlibrary_name: keras\n---\n# Digits\n")
    (folder / "weights" / "model.keras").write_bytes(bytes(range(256)) * 40)
    return folder
