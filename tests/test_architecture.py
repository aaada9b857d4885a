"""The imports between parts, packages and files go one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PARTS = ("app", "model_training", "space")
TRAINING_LIBRARIES = {"tensorflow", "keras"}
# The packages and modules of each part from the top down; each imports only from below, and those in one set
# do not import each other.
LAYERS: dict[str, list[set[str]]] = {
    "app": [
        {"__main__"},
        {"serving", "cluster", "batch"},
        {"application", "__init__"},
        {"ui"},
        {"api"},
        {"corrections"},
        {"service"},
        {"model"},
        {"recognition", "settings", "logs"},
    ],
    "model_training": [
        {"__main__"},
        {"commands"},
        {"search", "improvement"},
        {"training"},
        {"evaluation"},
        {"data", "release"},
        {"line_format", "normalisation", "errors"},
    ],
    "space": [],
}
TEMPLATES = PROJECT / "space" / "templates"  # these files run inside a Space and import what is there


def _files(part: str) -> list[Path]:
    return sorted(path for path in (PROJECT / part).rglob("*.py") if TEMPLATES not in path.parents)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> set[str]:
    """Return the full names of all imports of a file, those inside functions included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _arrows(part: str) -> set[tuple[str, str]]:
    """Return the imports between the packages of a part, as (importing, imported)."""
    arrows = set()
    for path in _files(part):
        importing = [*_module(path).split("."), "__init__"][1]
        arrows |= {(importing, name.split(".")[1]) for name in _imports(path) if name.startswith(f"{part}.")}
    return {(importing, imported) for importing, imported in arrows if importing != imported}


def _assert_no_import(part: str, *, of: set[str]) -> None:
    files = _files(part)
    assert len(files) > 10
    for path in files:
        assert not of & {name.split(".")[0] for name in _imports(path)}, path


def test_parts_do_not_import_each_other() -> None:
    """The app, the training code and the code that deploys import nothing of each other."""
    for part in PARTS:
        _assert_no_import(part, of=set(PARTS) - {part})


def test_app_and_deploying_import_no_training_library() -> None:
    """The app and the code that deploys import neither TensorFlow nor Keras."""
    for part in ("app", "space"):
        _assert_no_import(part, of=TRAINING_LIBRARIES)


@pytest.mark.parametrize("part", [part for part in PARTS if LAYERS[part]])
def test_packages_import_only_from_below(part: str) -> None:
    """Every import between packages of a part goes downwards, and every listed package exists."""
    level = {name: number for number, layer in enumerate(LAYERS[part]) for name in layer}
    arrows = _arrows(part)
    assert set(level) == {name for arrow in arrows for name in arrow}
    for importing, imported in arrows:
        assert level[importing] < level[imported], f"{part}.{importing} imports {part}.{imported}"


@pytest.mark.parametrize("part", PARTS)
def test_no_circular_imports(part: str) -> None:
    """Files do not import each other in a circle."""
    modules = {_module(path) for path in _files(part)}
    arrows = {
        _module(path): {
            module
            for name in _imports(path)
            for module in (name, name.rpartition(".")[0])
            if module in modules
        }
        - {_module(path)}
        for path in _files(part)
    }
    while leaves := {module for module, imported in arrows.items() if not imported}:
        arrows = {module: arrows[module] - leaves for module in arrows.keys() - leaves}
    assert not arrows, f"a circle among {sorted(arrows)}"


@pytest.mark.slow
def test_running_app_has_no_tensorflow_loaded() -> None:
    """The running app, with its page, has read a picture without loading a training library."""
    script = """
import sys
from starlette.testclient import TestClient
from app.application import create_app
from app.settings import Settings
import app.__main__
with TestClient(create_app(Settings(ui=True))) as client:
    assert len(client.post("/api/predict", json={"pixels": [[0, 255, 0]] * 9}).json()["digits"]) == 1
print(sorted({name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "model_training"}))
"""
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.stdout.strip() == "[]", ended.stderr
