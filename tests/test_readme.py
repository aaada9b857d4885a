"""What the README tells a newcomer to type works as it stands."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from itertools import dropwhile
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from app.settings import Settings
from tests.conftest import PROJECT, Digits
from tests.pictures import as_json, encode

_ADDRESS = "http://127.0.0.1:7860"
_SETTING = re.compile(r"[A-Z_]+=")
_README = (PROJECT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", _README, flags=re.MULTILINE | re.DOTALL)


def _commands() -> list[list[str]]:
    """The words of each command, without the settings before it."""
    lines = "\n".join(_blocks("sh")).replace("\\\n", " ").splitlines()
    commands = [shlex.split(line, comments=True) for line in lines]
    return [list(dropwhile(_SETTING.match, words)) for words in commands if words]


def _module_commands() -> list[list[str]]:
    """What the README gives to `python -m`, by itself or through `make train`."""
    found = []
    for command in _commands():
        if command[:2] == ["make", "train"]:
            options = [word for part in command[2:] for word in shlex.split(part.removeprefix("ARGS="))]
            found.append(["model_training", "train", *options])
        elif command[:2] == ["python", "-m"]:
            found.append(command[2:])
    return found


def _make_environment(**more: str) -> dict[str, str]:
    # A make within make must not take over the outer one's flags, job server and arguments.
    outer = ("MAKE", "MFLAGS", "ARGS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    return inherited | more


@pytest.fixture
def seven(tmp_path: Path, digits: Digits) -> Path:
    """A folder with a drawing in seven.png, as the examples expect it; MNIST's first test digit is a 7."""
    (tmp_path / "seven.png").write_bytes(encode(digits.images[0]))
    return tmp_path


def test_every_command_is_one_that_is_tested_here() -> None:
    """The README's commands are make's own targets, the project's modules, and curl, each covered below.

    What `serve run` serves is asked by the tests of the cluster.
    """
    known = {("make", target) for target in ("serve", "test", "train", "bench")}
    known |= {("curl", "--silent"), ("python", "-m"), ("serve", "run")}
    assert {tuple(command[:2]) for command in _commands()} <= known
    assert ["make", "serve"] in _commands()
    assert ["make", "test"] in _commands()


def test_make_serve_answers_and_tells_its_address() -> None:
    """`make serve` starts the page and the API, prints where, and stops when it is told to."""
    environment = _make_environment(DIGITS_PORT="0")
    with subprocess.Popen(
        ["make", "serve"], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            said = ""
            while "http://" not in said:
                said = process.stdout.readline() if process.stdout else ""
                assert said, "make serve ended before the server was ready"
            address = "http://" + said.split("http://")[1].split()[0]
            assert httpx2.get(f"{address}/health/ready").status_code == 200
            assert "Handwritten digits" in httpx2.get(address).text
        finally:
            process.terminate()


@pytest.mark.parametrize("command", [c for c in _commands() if c[0] == "make"], ids=" ".join)
def test_make_knows_each_target(command: list[str]) -> None:
    """Each `make` command of the README is understood; what it would run is a module of the project."""
    planned = subprocess.run(
        [*command, "--dry-run"],
        cwd=PROJECT,
        env=_make_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert planned.returncode == 0, planned.stderr
    assert ".venv/bin/python -m" in planned.stdout


@pytest.mark.parametrize("command", _module_commands(), ids=" ".join)
def test_options_exist(command: list[str]) -> None:
    """The commands that the README gives to a module, and their options, are ones that it knows."""
    options = [word for word in command if word.startswith("--")]
    ended = subprocess.run(
        [sys.executable, "-m", *command, "--help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    for option in options:
        assert option in ended.stdout


def _run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_curl_examples_read_the_drawing(server: str, seven: Path) -> None:
    """The curl commands, run beside a drawing of a 7, print it and why, and draw why."""
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    commands = [[word.replace(_ADDRESS, server) for word in c] for c in _commands() if c[0] == "curl"]
    read, explain, draw = commands
    assert '"text":"7"' in _run(read, seven).replace(" ", "")
    assert '"sentence":"Surely a 7."' in _run(explain, seven)
    _run(draw, seven)
    with Image.open(seven / "why.png") as picture:
        assert picture.size == (280, 280)


def test_python_examples_read_the_drawing(server: str, seven: Path) -> None:
    """The Python examples, run beside a drawing of a 7, print 7, one a 1, and through MCP why."""
    with_urllib, with_protocol, with_gradio, with_mcp = (
        _run([sys.executable, "-c", example.replace(_ADDRESS, server)], seven)
        for example in _blocks("python")
    )
    assert with_urllib == with_gradio == "7\n"
    assert with_protocol == "{'digit': [1], 'accepted': [True]}\n"
    assert '"sentence": "Surely a 7."' in with_mcp


def test_json_example_of_why_has_the_fields_of_a_real_answer(server: str, seven: Path) -> None:
    """The explanation that the README shows has exactly the fields that the API gives."""
    [example] = [block for block in _blocks("json") if '"heat"' in block]
    shown = httpx2.Response(200, content=example).json()
    body = as_json((seven / "seven.png").read_bytes())
    real = httpx2.post(f"{server}/api/explain", json=body).json()
    assert shown.keys() == real.keys()
    for part in ("digit", "runner_up", "model"):
        assert shown[part].keys() == real[part].keys()


def test_json_example_has_the_fields_of_a_real_answer(server: str, seven: Path) -> None:
    """The answer that the README shows has exactly the fields that the API gives."""
    [example] = [block for block in _blocks("json") if '"digits"' in block]
    shown = httpx2.Response(200, content=example).json()
    real = httpx2.post(
        f"{server}/api/predict?expect=digit",
        content=(seven / "seven.png").read_bytes(),
        headers={"Content-Type": "image/png"},
    ).json()
    assert shown.keys() == real.keys()
    assert shown["digits"][0].keys() == real["digits"][0].keys()
    assert shown["model"].keys() == real["model"].keys()


def test_settings_that_the_readme_names_exist() -> None:
    """Each DIGITS_ variable in the README is a setting of the app."""
    named = set(re.findall(r"DIGITS_([A-Z_]+)", _README))
    assert named <= {name.upper() for name in Settings.model_fields}


def test_files_that_the_readme_names_exist() -> None:
    """Pictures, links and the annotated tree name files and folders that are there."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", _README)
    assert targets
    for target in targets:
        assert (PROJECT / target).exists(), target
