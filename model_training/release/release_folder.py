"""The release folder: written under another name, then renamed, so that it is complete or absent."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from model_training.errors import ReleaseError

FORMAT_VERSION = 2
DIGITS = tuple("0123456789")
RELEASE_FILE = "release.json"
NETWORK_FILE = "model.keras"
READER_FILE = "reader.tflite"
LINE_NETWORK_FILE = "line_model.keras"
LINE_READER_FILE = "line_reader.tflite"
CARD_FILE = "README.md"
RESULTS_FILE = ".eval_results/mnist.yaml"
# Fields that training, evaluation and publishing read, with their types in Python.
_FIELDS = {
    "acceptance_threshold": float,
    "temperature": float,
    "self_test": dict,
    "metrics": list,
    "training": dict,
    "files": dict,
}
# Least versions that read the networks (Keras) and the readers (LiteRT, TensorFlow Lite) right.
_LEAST_VERSIONS = {"keras": "3.4", "ai-edge-litert": "1.1.2", "tensorflow": "2.14"}
_LIBRARIES = ("tensorflow", "keras", "numpy", "ai-edge-litert")


@contextmanager
def new_release(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write into, and rename it to `folder` if the block ends without an error.

    Raises:
        FileExistsError: `folder` exists; it is not changed.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists already")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by a killed run
    partial.mkdir(parents=True)
    yield partial
    os.replace(partial, folder)


def describe_release(
    folder: Path,
    *,
    labels: Sequence[str],
    training: dict[str, Any],
    metrics: list[dict[str, Any]],
    temperature: float,
    acceptance_threshold: float,
    outputs: dict[str, list[int]],
    self_test: dict[str, Any],
    line_reader: dict[str, Any],
    data: list[dict[str, str]],
) -> dict[str, Any]:
    """Return the contents of release.json for the files in `folder`.

    Args:
        folder: a release that is being written.
        labels: the sign of each digit.
        training: the configuration, with its `architecture` and `seed`.
        data: what was learnt from, each as `DataSet.describe` returns it.
        metrics: each with `dataset`, `size`, `metric` and `value`.
        temperature: the reader's divisor of the logits.
        acceptance_threshold: the least `digit_score` of an accepted drawing.
        outputs: as returned by `describe_outputs`.
        self_test: as returned by `make_self_test`.
        line_reader: as returned by `describe_line_reader`.
    """
    # Imported here because it imports TensorFlow, which reading a release does not need.
    from model_training.normalisation import INK_SIZE

    return {
        "format_version": FORMAT_VERSION,
        "name": training["architecture"],
        "labels": list(labels),
        "input": {"name": "ink", "shape": [1, INK_SIZE, INK_SIZE], "dtype": "uint8"},
        "outputs": outputs,
        "acceptance_threshold": acceptance_threshold,
        "temperature": temperature,
        "self_test": self_test,
        "line_reader": line_reader,
        "metrics": metrics,
        "training": training,
        "data": data,
        "least_versions": _LEAST_VERSIONS,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "files": {
            path.relative_to(folder).as_posix(): fingerprint(path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }


def write_results(folder: Path, text: str) -> None:
    """Write the file of results for the Hub."""
    path = folder / RESULTS_FILE
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")


def with_card(description: dict[str, Any], card: str) -> dict[str, Any]:
    """Return the description with the model card among its files, in place of an earlier card."""
    files = description["files"] | {CARD_FILE: fingerprint(card.encode())}
    return description | {"files": dict(sorted(files.items()))}


def description_text(description: dict[str, Any]) -> str:
    """Return the text of release.json."""
    return json.dumps(description, indent=2) + "\n"


def read_description(folder: Path) -> dict[str, Any]:
    """Return the contents of release.json.

    Raises:
        FileNotFoundError: `folder` holds no release.
        ReleaseError: release.json is no JSON object, or lacks a field.
    """
    path = folder / RELEASE_FILE
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{folder} holds no release: there is no {RELEASE_FILE} in it") from error
    except ValueError as error:
        raise ReleaseError(f"{path} is damaged: {error}") from error
    if not isinstance(description, dict):
        raise ReleaseError(f"{path} is damaged: not a JSON object")
    for name, kind in _FIELDS.items():
        if not isinstance(description.get(name), kind):
            raise ReleaseError(f"{path} is damaged: {name} is missing or not a {kind.__name__}")
    return description


def check_digits(description: dict[str, Any], folder: Path) -> None:
    """Raise ReleaseError if the release in `folder` reads other signs than the digits 0 to 9."""
    if tuple(labels := description.get("labels", DIGITS)) != DIGITS:
        raise ReleaseError(f"{folder} reads the signs {''.join(labels)}, not the digits 0 to 9")


def fingerprint(data: bytes) -> dict[str, Any]:
    """Return the entry of release.json for a file with the content `data`."""
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
