"""The project as a package: its wheel has all files that it needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import PROJECT, Digits
from tests.pictures import encode

_SOURCES = ("app", "model_training", "space", "pyproject.toml", "README.md", "LICENSE")
_SCRIPT = """
import sys
from pathlib import Path
import app, app.application
from app.settings import Settings
from model_training.data.fonts import load_fonts
from model_training.data.templates import load_templates
assert Path(app.__file__).is_relative_to(sys.argv[1]), app.__file__
assert load_fonts() and load_templates("digits")
app.application.create_app(Settings(ui=False))
assert Path(app.__file__).with_name("ui").joinpath("assets", "head.html").exists()
print(app.read("seven.png").text)
"""


@pytest.mark.slow
def test_wheel_reads_serves_and_trains_without_the_sources(tmp_path: Path, digits: Digits) -> None:
    """A picture is read, the API is created, and the training data are found, from an unpacked wheel."""
    sources, wheels, site = (tmp_path / name for name in ("sources", "wheels", "site"))
    sources.mkdir()
    for name in _SOURCES:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, sources / name)
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(sources)]
    subprocess.run([sys.executable, "-m", "pip", *build], capture_output=True, check=True)
    [wheel] = wheels.glob("*.whl")
    with ZipFile(wheel) as file:
        file.extractall(site)
    (tmp_path / "seven.png").write_bytes(encode(digits.images[0]))
    shown = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(site)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.stdout == "7\n", shown.stderr
