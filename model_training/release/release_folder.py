"""The release folder: written beside its place, then put there by one rename, so it is whole or absent."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

FORMAT_VERSION = 1
RELEASE_FILE = "release.json"
NETWORK_FILE = "model.keras"
READER_FILE = "reader.tflite"
CARD_FILE = "README.md"
_LIBRARIES = ("tensorflow", "keras", "numpy", "ai-edge-litert")


@contextmanager
def new_release(folder: Path) -> Iterator[Path]:
    """An empty folder to write into, which becomes `folder` when the block ends without an error.

    Raises:
        FileExistsError: there is a release at `folder`; it is left as it is.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists already")
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by a run that was killed
    partial.mkdir(parents=True)
    yield partial
    os.replace(partial, folder)


def describe_release(
    folder: Path,
    *,
    training: dict[str, Any],
    metrics: list[dict[str, Any]],
    temperature: float,
    acceptance_threshold: float,
    self_test: dict[str, Any],
) -> dict[str, Any]:
    """The contents of release.json for the files that `folder` holds so far.

    Args:
        folder: the folder of a release that is being written.
        training: the configuration, with its `architecture` and `seed`.
        metrics: each with `dataset`, `size`, `metric` and `value`.
        temperature: that the reader divides the logits by.
        acceptance_threshold: the `digit_score` from which on a drawing counts as a digit.
        self_test: of the reader, see self_test.py.
    """
    # Here, because it brings TensorFlow, and what only reads a release need not wait for that.
    from model_training.normalisation import INK_SIZE, SEEN_SIZE

    return {
        "format_version": FORMAT_VERSION,
        "name": training["architecture"],
        "labels": [str(digit) for digit in range(10)],
        "input": {"name": "ink", "shape": [1, INK_SIZE, INK_SIZE], "dtype": "uint8"},
        "outputs": {"probabilities": [1, 10], "digit_score": [1], "seen": [1, SEEN_SIZE, SEEN_SIZE]},
        "acceptance_threshold": acceptance_threshold,
        "temperature": temperature,
        "self_test": self_test,
        "metrics": metrics,
        "training": training,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "files": {
            path.relative_to(folder).as_posix(): fingerprint(path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }


def with_card(description: dict[str, Any], card: str) -> dict[str, Any]:
    """The description with the model card among its files, in place of any other card."""
    files = description["files"] | {CARD_FILE: fingerprint(card.encode())}
    return description | {"files": dict(sorted(files.items()))}


def description_text(description: dict[str, Any]) -> str:
    """The text of release.json."""
    return json.dumps(description, indent=2) + "\n"


def read_description(folder: Path) -> dict[str, Any]:
    """The contents of release.json.

    Raises:
        FileNotFoundError: `folder` holds no release.
    """
    try:
        description: dict[str, Any] = json.loads((folder / RELEASE_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{folder} holds no release: there is no {RELEASE_FILE} in it") from error
    return description


def fingerprint(data: bytes) -> dict[str, Any]:
    """What release.json says of a file that holds `data`."""
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
