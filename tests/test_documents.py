"""The commands, examples, settings and links in README.md and docs/ work as they stand."""

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

pytestmark = pytest.mark.slow

_ADDRESS = "http://127.0.0.1:7860"
_SETTING = re.compile(r"[A-Z_]+=")
_DOCUMENTS = {
    path: path.read_text(encoding="utf-8")
    for path in sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")])
}
_README, _API = _DOCUMENTS[PROJECT / "README.md"], _DOCUMENTS[PROJECT / "docs" / "api.md"]


def _blocks(language: str, text: str | None = None) -> list[str]:
    texts = _DOCUMENTS.values() if text is None else [text]
    pattern = re.compile(rf"^```{language}\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
    return [block for each in texts for block in pattern.findall(each)]


def _commands(text: str | None = None) -> list[list[str]]:
    """Return the words of each shell command, without the settings before it."""
    lines = "\n".join(_blocks("sh", text)).replace("\\\n", " ").splitlines()
    commands = [shlex.split(line, comments=True) for line in lines]
    return [list(dropwhile(_SETTING.match, words)) for words in commands if words]


def _module_commands() -> list[list[str]]:
    """Return the arguments of `python -m`, given directly or through `make train`."""
    found = []
    for command in _commands():
        if command[:2] == ["make", "train"]:
            options = [word for part in command[2:] for word in shlex.split(part.removeprefix("ARGS="))]
            found.append(["model_training", "train", *options])
        elif command[:2] == ["python", "-m"]:
            found.append(command[2:])
    return [list(command) for command in dict.fromkeys(map(tuple, found))]


def _make_environment(**more: str) -> dict[str, str]:
    # A make within make must not inherit the flags, the job server and the arguments of the outer one.
    outer = ("MAKE", "MFLAGS", "ARGS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    return inherited | more


@pytest.fixture
def seven(tmp_path: Path, digits: Digits) -> Path:
    """Return a folder with seven.png, which the examples read; MNIST's first test digit is a 7."""
    (tmp_path / "seven.png").write_bytes(encode(digits.images[0]))
    return tmp_path


def test_every_command_is_tested_here() -> None:
    """The commands are targets of make, modules of the project, and curl, each covered below.

    The tests of the cluster cover `serve run`, those of the package uv and `digits`; Docker is not tested.
    """
    known = {("make", target) for target in ("serve", "check", "test", "train", "bench")}
    known |= {("curl", "--silent"), ("python", "-m"), ("serve", "run"), ("docker", "compose")}
    assert {tuple(command[:2]) for command in _commands()} <= known
    assert {("make", "serve"), ("make", "test")} <= {tuple(command) for command in _commands(_README)}


def test_readme_is_short() -> None:
    """The README has at most 150 lines."""
    assert len(_README.splitlines()) <= 150


def test_make_serve_answers_and_prints_its_address() -> None:
    """`make serve` starts the page and the API, prints the address, and stops on SIGTERM."""
    environment = _make_environment(DIGITS_PORT="0")
    with subprocess.Popen(
        ["make", "serve"], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = ""
            while "http://" not in line:
                line = process.stdout.readline() if process.stdout else ""
                assert line, "make serve ended before the server was ready"
            address = "http://" + line.split("http://")[1].split()[0]
            assert httpx2.get(f"{address}/health/ready").status_code == 200
            assert "Handwritten digits" in httpx2.get(address).text
        finally:
            process.terminate()


@pytest.mark.parametrize("command", [c for c in _commands() if c[0] == "make"], ids=" ".join)
def test_make_knows_each_target(command: list[str]) -> None:
    """Each `make` command is valid, and runs a module of the project."""
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
    """Each command of a module, with its options, is in the module's help."""
    options = [word for word in command if word.startswith("--")]
    ended = subprocess.run(
        [sys.executable, "-m", *command, "--help"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    for option in options:
        assert option in ended.stdout


def _run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_curl_examples_read_the_drawing(server: str, seven: Path) -> None:
    """The curl commands, run beside a drawing of a 7, read it, explain it, and draw the explanation."""
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    commands = [[word.replace(_ADDRESS, server) for word in c] for c in _commands(_API) if c[0] == "curl"]
    assert all(command in _commands(_API) for command in _commands(_README) if command[0] == "curl")
    *read, explain, draw = commands
    assert len(read) == 2
    for command in read:
        assert '"text":"7"' in _run(command, seven).replace(" ", "")
    assert '"runner_up"' in _run(explain, seven)
    _run(draw, seven)
    with Image.open(seven / "explanation.png") as picture:
        assert picture.size == (280, 280)


def test_python_examples_read_the_drawing(server: str, seven: Path) -> None:
    """The Python examples, run beside a drawing of a 7, print the documented results."""
    alone, with_urllib, alone_with_digit, with_protocol, with_tensorflow, with_gradio, with_mcp = (
        _run([sys.executable, "-c", example.replace(_ADDRESS, server)], seven)
        for example in _blocks("python")
    )
    assert alone == with_urllib == alone_with_digit == "7\n"
    assert with_gradio == "7\n7\n"
    assert with_tensorflow.startswith("[")
    assert with_protocol == "{'digit': [1], 'accepted': [True]}\n"
    assert '"runner_up"' in with_mcp


def test_json_examples_have_the_fields_of_real_responses(server: str, seven: Path) -> None:
    """The JSON in README and docs has exactly the fields that the API returns."""
    body = as_json((seven / "seven.png").read_bytes())
    for text, path in ((_README, "/api/predict"), (_API, "/api/explain")):
        [example] = _blocks("json", text)
        shown = httpx2.Response(200, content=example).json()
        real = httpx2.post(server + path, json=body).json()
        assert shown.keys() == real.keys()
        for part in shown.keys() & {"digit", "runner_up", "model"}:
            assert shown[part].keys() == real[part].keys()
        for shown_digit, real_digit in zip(shown.get("digits", ()), real.get("digits", ()), strict=True):
            assert shown_digit.keys() == real_digit.keys()


@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.name)
def test_settings_and_links_exist(path: Path) -> None:
    """Each DIGITS_ variable is a setting of the app; each link and picture leads to a file of the project."""
    named = set(re.findall(r"DIGITS_([A-Z_]+[A-Z])", _DOCUMENTS[path]))
    assert named <= {name.upper() for name in Settings.model_fields}
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", _DOCUMENTS[path]):
        assert (path.parent / target).exists(), target


def test_fragments_of_links_are_headings() -> None:
    """A link with a fragment leads to a heading of that page."""
    for path, text in _DOCUMENTS.items():
        for target, fragment in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", text):
            page = _DOCUMENTS[(path.parent / target).resolve() if target else path]
            headings = [heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", page, re.M)]
            assert fragment in headings, f"{path.name}: #{fragment}"
