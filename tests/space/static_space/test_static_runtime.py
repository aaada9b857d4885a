"""The LiteRT runtime of the static page: fetched by npm, checked, carried whole and small."""

import gzip
from pathlib import Path

import pytest

from space.errors import DeployError
from space.static_space.npm import Package, fetch_package

_PACKAGE = Package("@ann/runtime", version="1.0.0", sha512="AAAA")
_MEGABYTE = 1e6


def _put_npm(folder: Path, script: str) -> None:
    """A program called npm that stands first in the PATH."""
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a folder that is all of the PATH."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


@pytest.mark.usefixtures("bare")
def test_missing_npm_is_said() -> None:
    """Without npm the error names what is to be installed."""
    with pytest.raises(DeployError, match=r"^npm is needed once, .*@ann/runtime@1\.0\.0.*install Node\.js"):
        fetch_package(_PACKAGE)


def test_registry_that_does_not_answer_is_said(bare: Path) -> None:
    """Where npm fails, its own first words are the cause."""
    _put_npm(bare, "echo 'npm error code ENOTFOUND' >&2; exit 1")
    with pytest.raises(DeployError, match=r"ENOTFOUND.*registry") as caught:
        fetch_package(_PACKAGE)
    assert "\n" not in str(caught.value)


def test_another_package_is_refused(bare: Path) -> None:
    """What is not the pinned archive, byte for byte, is neither used nor kept."""
    _put_npm(bare, 'echo other > "$5/ann-runtime-1.0.0.tgz"')
    with pytest.raises(DeployError, match=r"another @ann/runtime@1\.0\.0 than the one that was tested"):
        fetch_package(_PACKAGE)
    assert list((bare.parent / "cache").rglob("*.tgz")) == []


def test_runtime_is_carried_with_its_licence(static_folder: Path) -> None:
    """One variant, loaded from beside the page, and the licence under which it is given on."""
    litert = static_folder / "litert"
    assert "Apache License" in (litert / "LICENSE.txt").read_text()
    assert [path.name for path in litert.glob("*.wasm*")] == ["litert_wasm_compat_internal.wasm.gzip"]
    assert '"./wasm_utils.js"' in (litert / "index.js").read_text()


def test_first_visit_is_small(static_folder: Path) -> None:
    """All files of the page together, as a server sends them, are less than 4 MB."""
    sent = [
        path.read_bytes() if path.suffix in {".gzip", ".png"} else gzip.compress(path.read_bytes())
        for path in static_folder.rglob("*")
        if path.is_file()
    ]
    assert sum(map(len, sent)) < 4 * _MEGABYTE
