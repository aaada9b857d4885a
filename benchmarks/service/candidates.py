"""The servers that are compared: how each is started, its requests and its responses."""

import json
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from benchmarks.drawings import Drawing

_PROJECT = str(Path(__file__).parents[2])
_PEERS = "benchmarks.service.peers"
_PEERS_FOLDER = Path(__file__).parents[1] / ".venv-peers"
_REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"


class NoPeersError(Exception):
    """The packages cannot be installed; the message has the end of pip's output."""


@dataclass(frozen=True)
class Candidate:
    """One server.

    Attributes:
        letter: its short name.
        name: in the tables.
        command: its command, with `{port}`.
        variables: environment variables, in addition to those of this process.
        path: of the request.
        gradio: whether requests have the format of Gradio's API.
        reads: whether responses must be correct; otherwise they are constant, or of random weights.
    """

    letter: str
    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    path: str = "/api/predict"
    gradio: bool = False
    reads: bool = True

    def encode(self, drawing: Drawing) -> bytes:
        """Return the request body for a drawing."""
        return json.dumps({"data": [drawing.base64, "digit"]}).encode() if self.gradio else drawing.body

    def find_text(self, response: bytes) -> str:
        """Return the text in a response body."""
        found = json.loads(response)
        return str((found["data"][0] if self.gradio else found)["text"])


def list_candidates(*, keras_file: Path | None) -> list[Candidate]:
    """List all servers; those with Keras only where the dependencies of training are installed.

    Raises:
        NoPeersError: LitServe and BentoML cannot be installed.
    """
    ours = (sys.executable, "-m", "app", "--port", "{port}")
    candidates = [
        Candidate("a", "ours, API alone", ours, {"DIGITS_UI": "0"}),
        Candidate("a2", "ours, API alone, 2 workers", ours, {"DIGITS_UI": "0", "DIGITS_WORKERS": "2"}),
        Candidate("b", "ours, with the page", ours, {"DIGITS_UI": "1"}),
        Candidate(
            "c",
            "minimal FastAPI app, constant response",
            (sys.executable, "-m", f"{_PEERS}.constant_app", "{port}"),
            reads=False,
        ),
    ]
    candidates += _list_keras(keras_file) if find_spec("tensorflow") else []
    candidates += _list_peers(str(_install_peers()))
    candidates.append(
        Candidate(
            "h",
            "Gradio's API on our page",
            ours,
            {"DIGITS_UI": "1"},
            path="/gradio_api/run/read_picture",
            gradio=True,
        )
    )
    return candidates


def _list_keras(file: Path | None) -> list[Candidate]:
    def make(letter: str, name: str, call: str) -> Candidate:
        command = (sys.executable, "-m", f"{_PEERS}.keras_app", "{port}", call)
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3"}
        return Candidate(letter, name, (*command, str(file)) if file else command, quiet, reads=False)

    return [
        make("d", "FastAPI, Pillow, model.predict", "predict"),
        make("e", "FastAPI, Pillow, model(x)", "call"),
    ]


def _list_peers(python: str) -> list[Candidate]:
    variables = {"PYTHONPATH": _PROJECT, "BENTOML_DO_NOT_TRACK": "1"}
    return [
        Candidate(
            "f", "LitServe, the same reader", (python, "-m", f"{_PEERS}.litserve_app", "{port}"), variables
        ),
        Candidate(
            "g",
            "BentoML, the same reader",
            (python, "-m", "bentoml", "serve", f"{_PEERS}.bentoml_app:Reading", "--port", "{port}"),
            variables,
        ),
    ]


def _install_peers() -> Path:
    """Return a Python with LitServe and BentoML in exact versions; install them once.

    Raises:
        NoPeersError: they cannot be installed.
    """
    python = _PEERS_FOLDER / "bin" / "python"
    done = _PEERS_FOLDER / sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:16]
    if done.exists():
        return python
    print(f"Installing LitServe and BentoML into {_PEERS_FOLDER.name} (once)...", flush=True)
    venv.create(_PEERS_FOLDER, clear=True, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(_REQUIREMENTS)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise NoPeersError(f"pip could not install them: {result.stderr[-500:]}")
    done.touch()
    return python
