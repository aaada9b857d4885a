"""The servers that are measured beside each other, and how each is started and asked."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.drawings import Drawing
from benchmarks.service.peers_environment import prepare_peers

_PROJECT = str(Path(__file__).parents[2])
_PEERS = "benchmarks.service.peers"


@dataclass(frozen=True)
class Contender:
    """One server.

    Attributes:
        letter: for short.
        name: in the tables.
        command: starts it; `{port}` stands for its port.
        variables: of its environment, besides those of this process.
        path: of the request for a reading.
        gradio: whether the body is one of Gradio's API and not of ours.
        reads: whether the drawings that are sent must be read right; else the answer is a constant, or that
            of random weights.
    """

    letter: str
    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    path: str = "/api/predict"
    gradio: bool = False
    reads: bool = True

    def encode(self, drawing: Drawing) -> bytes:
        """The body that asks for the reading of a drawing."""
        return json.dumps({"data": [drawing.base64, "digit"]}).encode() if self.gradio else drawing.body

    def find_text(self, answer: bytes) -> str:
        """The text that an answer says was read."""
        found = json.loads(answer)
        return str((found["data"][0] if self.gradio else found)["text"])


def list_contenders(*, keras_file: Path | None) -> list[Contender]:
    """All that can be measured here: those of Keras only where training is installed.

    Raises:
        NoPeersError: LitServe and BentoML cannot be installed.
    """
    ours = (sys.executable, "-m", "app", "--port", "{port}")
    contenders = [
        Contender("a", "ours, API alone", ours, {"DIGITS_UI": "0"}),
        Contender("a2", "ours, API alone, 2 workers", ours, {"DIGITS_UI": "0", "DIGITS_WORKERS": "2"}),
        Contender("b", "ours, with the page", ours, {"DIGITS_UI": "1"}),
        Contender(
            "c",
            "smallest FastAPI app, a constant",
            (sys.executable, "-m", f"{_PEERS}.constant_app", "{port}"),
            reads=False,
        ),
    ]
    contenders += _list_keras(keras_file) if find_spec("tensorflow") else []
    contenders += _list_peers(str(prepare_peers()))
    contenders.append(
        Contender(
            "h",
            "Gradio's API on our page",
            ours,
            {"DIGITS_UI": "1"},
            path="/gradio_api/run/read_picture",
            gradio=True,
        )
    )
    return contenders


def _list_keras(file: Path | None) -> list[Contender]:
    def make(letter: str, name: str, call: str) -> Contender:
        command = (sys.executable, "-m", f"{_PEERS}.keras_app", "{port}", call)
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3"}
        return Contender(letter, name, (*command, str(file)) if file else command, quiet, reads=False)

    return [
        make("d", "FastAPI, Pillow, model.predict", "predict"),
        make("e", "FastAPI, Pillow, model(x)", "call"),
    ]


def _list_peers(python: str) -> list[Contender]:
    variables = {"PYTHONPATH": _PROJECT, "BENTOML_DO_NOT_TRACK": "1"}
    return [
        Contender(
            "f", "LitServe, the same reader", (python, "-m", f"{_PEERS}.litserve_app", "{port}"), variables
        ),
        Contender(
            "g",
            "BentoML, the same reader",
            (python, "-m", "bentoml", "serve", f"{_PEERS}.bentoml_app:Reading", "--port", "{port}"),
            variables,
        ),
    ]
