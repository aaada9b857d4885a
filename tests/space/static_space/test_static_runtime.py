"""The LiteRT runtime of the static page: installed and verified by npm."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from space.errors import DeployError
from space.static_space import litert

pytestmark = pytest.mark.slow

_LOCK = Path(litert.__file__).parent


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (None, r"npm not found.*install Node\.js"),
        ("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2; exit 1\n", r"\(npm error code ENOTFOUND\)"),
    ],
)
def test_failure_of_npm_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, message: str
) -> None:
    """The error names what to install, or contains the first line of npm's own message."""
    if script:
        (tmp_path / "npm").write_text(script)
        (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    litert.load_runtime.cache_clear()
    with pytest.raises(DeployError, match=message):
        litert.load_runtime(_LOCK)


def test_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    """A package that differs from the one in package-lock.json is not used."""
    shutil.copy(_LOCK / "package.json", tmp_path)
    lock = json.loads((_LOCK / "package-lock.json").read_text())
    packages = lock["packages"]
    packages["node_modules/@litertjs/wasm-utils"]["integrity"] = packages["node_modules/@litertjs/core"][
        "integrity"
    ]
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    with pytest.raises(DeployError, match="EINTEGRITY"):
        litert.load_runtime(tmp_path)


def test_runtime_is_complete_and_small(static_folder: Path) -> None:
    """The page has one variant, its licence, and less than 4 MB in all when a server compresses it."""
    folder = static_folder / "litert"
    assert "Apache License" in (folder / "LICENSE.txt").read_text()
    assert [path.name for path in folder.glob("*.wasm*")] == ["litert_wasm_compat_internal.wasm.gzip"]
    assert '"./wasm_utils.js"' in (folder / "index.js").read_text()
    compressed = [
        path.read_bytes() if path.suffix in {".gzip", ".png"} else gzip.compress(path.read_bytes())
        for path in static_folder.rglob("*")
        if path.is_file()
    ]
    assert sum(map(len, compressed)) < 4_000_000
