"""The arrows between the parts hold: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PARTS = ("app", "model_training", "space")
TRAINING_LIBRARIES = {"tensorflow", "keras"}
# What each room of a part may import of its own part, besides itself.
APP = {
    "settings": set[str](),
    "logs": set[str](),
    "recognition": set[str](),
    "model": {"recognition", "settings"},
    "service": {"model", "recognition"},
    "api": {"service", "model", "recognition", "settings"},
    "ui": {"service", "model", "recognition", "settings"},
    "serving": {"api", "model", "recognition", "settings", "logs"},
    "batch": {"service", "model", "recognition", "settings", "logs"},
    "application": {"service", "api", "ui", "model", "recognition", "settings"},
    "cluster": {"application", "service", "api", "model", "recognition", "settings", "logs"},
    "__main__": {"application", "serving", "batch", "model", "recognition", "settings", "logs"},
}
TRAINING_ROOMS = {"commands", "search", "training", "evaluation", "data", "release"}
TRAINING_LOWEST = {"data", "release"}
TEMPLATES = PROJECT / "space" / "templates"  # what becomes part of a Space, and imports what is there


def _files(part: str) -> list[Path]:
    return sorted(path for path in (PROJECT / part).rglob("*.py") if TEMPLATES not in path.parents)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> set[str]:
    """Return the full names of what a file imports, at its top and inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _rooms(part: str) -> set[tuple[str, str]]:
    """Return which rooms of a part import which, as (importing, imported)."""
    arrows = set()
    for path in _files(part):
        importing = _module(path).split(".")[1:2] or ["__init__"]
        for name in _imports(path):
            if name.startswith(f"{part}."):
                arrows.add((importing[0], name.split(".")[1]))
    return {(importing, imported) for importing, imported in arrows if importing != imported}


@pytest.mark.parametrize("part", PARTS)
def test_there_is_something_to_check(part: str) -> None:
    """The checks below do not pass for want of files."""
    assert len(_files(part)) > 10
    assert len(_rooms(part)) > 3


def test_app_imports_nothing_of_training() -> None:
    """The app imports no training code, no TensorFlow and no Keras."""
    for path in _files("app"):
        roots = {name.split(".")[0] for name in _imports(path)}
        assert not roots & (TRAINING_LIBRARIES | {"model_training"}), path


def test_training_imports_nothing_of_the_app() -> None:
    """The training code does not import the app."""
    for path in _files("model_training"):
        assert "app" not in {name.split(".")[0] for name in _imports(path)}, path


def test_nothing_imports_what_deploys() -> None:
    """The code that carries the others to a Space is imported by neither."""
    for path in _files("app") + _files("model_training"):
        assert "space" not in {name.split(".")[0] for name in _imports(path)}, path


def test_what_deploys_imports_no_other_part() -> None:
    """The code that carries app and models to a Space carries files, and runs none of them."""
    for path in _files("space"):
        roots = {name.split(".")[0] for name in _imports(path)}
        assert not roots & (TRAINING_LIBRARIES | {"app", "model_training"}), path


def test_floors_of_the_app_import_only_below() -> None:
    """From the command line down to the settings, nothing of the app imports upwards or sideways."""
    for importing, imported in _rooms("app"):
        assert imported in APP[importing], f"app.{importing} imports app.{imported}"


def test_rooms_of_training_import_only_below() -> None:
    """Command line, commands and search are above the other rooms; data and release import none."""
    for importing, imported in _rooms("model_training"):
        assert imported != "__main__", f"{importing} imports the command line"
        assert imported != "commands" or importing == "__main__", f"{importing} imports the commands"
        assert imported != "search" or importing == "commands", f"{importing} imports the search"
        if importing in TRAINING_LOWEST:
            assert imported not in TRAINING_ROOMS, f"{importing} imports {imported}"


@pytest.mark.parametrize("part", PARTS)
def test_no_files_import_each_other_in_a_circle(part: str) -> None:
    """Following imports from a file never leads back to it."""
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


def test_running_app_has_no_tensorflow_loaded() -> None:
    """Importing the whole app, page included, and reading a picture loads no training library."""
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
