"""The exported line reader agrees with the Keras network, and the app accepts it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from app.model.line_release import parse_line_release
from app.model.loading import check_line_reader
from app.recognition.readers.digit_reader import ReaderError
from app.recognition.readers.line_reader import LineReader
from model_training.errors import ReaderDisagreesError
from model_training.release.line_reader_export import (
    check_line_agreement,
    describe_line_reader,
    export_line_reader,
    read_lines,
)
from model_training.release.litert_export import Weights, export_smallest
from model_training.training.line_network import box_pixels, build_line_network

pytestmark = pytest.mark.slow

TEMPERATURE = 1.5


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """Return a small network with random weights."""
    keras.utils.set_random_seed(1)
    return build_line_network(width=0.25)


@pytest.fixture(scope="module")
def lines() -> NDArray[np.uint8]:
    generator = np.random.default_rng(1)
    return np.where(generator.random((3, 32, 256)) < 0.1, 255, 0).astype(np.uint8)


@pytest.fixture(scope="module")
def readers(network: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> dict[Weights, Path]:
    """Return the exported readers, by the kind of their weights."""
    folder = tmp_path_factory.mktemp("line_readers")
    kinds: tuple[Weights, ...] = ("float32", "float16", "int8")
    for kind in kinds:
        export_line_reader(
            network, folder / kind, box_pixels=box_pixels, temperature=TEMPERATURE, weights=kind
        )
    return {kind: folder / kind for kind in kinds}


@pytest.mark.parametrize(("weights", "most"), [("float32", 1e-5), ("float16", 1e-3), ("int8", 0.05)])
def test_line_reader_and_network_agree(
    network: keras.Model,
    lines: NDArray[np.uint8],
    readers: dict[Weights, Path],
    weights: Weights,
    most: float,
) -> None:
    """Probabilities and boxes are those of the network, with weights of each kind."""
    reader = readers[weights]
    assert check_line_agreement(reader, network, lines=lines, temperature=TEMPERATURE) < most
    boxes = np.asarray(box_pixels(network.predict(lines[..., None] / np.float32(255), verbose=0)["boxes"]))
    assert np.abs(read_lines(reader, lines)["boxes"] - boxes).max() < 100 * most


def test_other_weights_are_tried_where_a_reader_disagrees(
    network: keras.Model, lines: NDArray[np.uint8], readers: dict[Weights, Path]
) -> None:
    """The smallest weights that agree are used; a reader of another temperature is refused."""
    tried: list[Weights] = []

    def check(accepted: Weights) -> Callable[[], float]:
        temperature = {accepted: TEMPERATURE}
        return lambda: check_line_agreement(
            readers[tried[-1]], network, lines=lines, temperature=temperature.get(tried[-1], 0.2)
        )

    export_smallest(tried.append, check("float16"))
    assert tried == ["int8", "float16"]
    with pytest.raises(ReaderDisagreesError):
        check("int8")()


def test_app_accepts_the_line_reader(lines: NDArray[np.uint8], readers: dict[Weights, Path]) -> None:
    """The description is the one that the app reads, and the self-test passes; a changed one fails."""
    reader = readers["int8"]
    description: dict[str, Any] = describe_line_reader(
        reader,
        calibration={
            "temperature": TEMPERATURE,
            "weights": {"line": 1.0, "digit": 0.5},
            "score": [0.1, 0.2, 0.3],
            "acceptance_threshold": 0.6,
        },
        self_test_lines=lines,
    )
    release = parse_line_release(description, reader.read_bytes(), sha256="")
    assert release.opinions.score == (0.1, 0.2, 0.3)
    opened = LineReader(release.reader, classes=release.classes)
    check_line_reader(opened, release.self_test)
    wrong = [replace(case, probabilities=case.probabilities * 0) for case in release.self_test.cases]
    with pytest.raises(ReaderError, match="line reader fails its self-test"):
        check_line_reader(opened, replace(release.self_test, cases=tuple(wrong)))
