"""The exported reader answers as the Keras network does."""

from pathlib import Path

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from model_training.release.reader_export import (
    ReaderDisagreesError,
    check_agreement,
    export_reader,
    ink_of,
    read_ink,
)
from model_training.release.release_folder import read_description
from model_training.training.network import build_network
from tests.conftest import Digits


def test_reader_and_network_agree_on_a_thousand_digits(small_release: Path, digits: Digits) -> None:
    """On 1,000 real digits the probabilities hardly differ, and an answer only where two were as likely."""
    network = keras.models.load_model(small_release / "model.keras")
    temperature = read_description(small_release)["temperature"]
    reader, ink = small_release / "reader.tflite", ink_of(digits.images)
    assert len(ink) == 1000
    largest = check_agreement(reader, network, ink=ink, temperature=temperature)
    assert largest < 0.05
    answers = read_ink(reader, ink).probabilities
    expected = network.predict(digits.images[..., None] / np.float32(255), verbose=0).argmax(axis=1)
    others = answers.argmax(axis=1) != expected
    assert others.mean() < 0.01
    assert np.all(answers.max(axis=1)[others] - answers[others, expected[others]] < 2 * largest)


def test_the_reader_shows_what_it_saw(small_release: Path, digits: Digits) -> None:
    """`seen` is the digit itself, and `digit_score` the largest probability."""
    answers = read_ink(small_release / "reader.tflite", ink_of(digits.images[:50]))
    assert np.abs(answers.seen - digits.images[:50] / 255.0).mean() < 1e-3
    assert np.allclose(answers.digit_score, answers.probabilities.max(axis=1))


def test_the_reader_has_named_tensors_of_fixed_shape(small_release: Path) -> None:
    """Names and shapes are those of release.json, with no dynamic axis."""
    description = read_description(small_release)
    interpreter = Interpreter(str(small_release / "reader.tflite"))
    signature = interpreter.get_signature_list()["serving_default"]
    assert signature["inputs"] == [description["input"]["name"]]
    assert set(signature["outputs"]) == set(description["outputs"])
    (ink,) = interpreter.get_input_details()
    assert ink["shape_signature"].tolist() == description["input"]["shape"]
    assert ink["dtype"] == np.uint8
    runner = interpreter.get_signature_runner("serving_default")
    shapes = {name: detail["shape"].tolist() for name, detail in runner.get_output_details().items()}
    assert shapes == description["outputs"]


def test_a_reader_of_another_network_is_not_released(tmp_path: Path, digits: Digits) -> None:
    """The check refuses a file that answers otherwise than the network."""
    keras.utils.set_random_seed(1)
    network, another = build_network("classic"), build_network("classic")
    reader, ink = tmp_path / "reader.tflite", ink_of(digits.images[:20])
    export_reader(network, reader, temperature=1.0)
    assert check_agreement(reader, network, ink=ink, temperature=1.0) < 1e-5
    with pytest.raises(ReaderDisagreesError, match="differ from the network's by"):
        check_agreement(reader, another, ink=ink, temperature=1.0)


def test_a_reader_that_answers_nan_is_not_released(tmp_path: Path, digits: Digits) -> None:
    """NaN, which compares as neither larger nor smaller, does not slip through."""
    network = build_network("classic")
    network.set_weights([weight * np.nan for weight in network.get_weights()])
    export_reader(network, tmp_path / "reader.tflite", temperature=1.0)
    with pytest.raises(ReaderDisagreesError, match="nan"):
        check_agreement(tmp_path / "reader.tflite", network, ink=ink_of(digits.images[:1]), temperature=1.0)


def test_whole_numbers_save_room_and_see_the_same(tmp_path: Path, digits: Digits) -> None:
    """Only the network is rounded: the file is a third, what is seen stays bit for bit, and answers agree."""
    keras.utils.set_random_seed(1)
    network, ink = build_network("residual"), ink_of(digits.images[:50])
    exact, rounded = tmp_path / "exact.tflite", tmp_path / "rounded.tflite"
    export_reader(network, exact, temperature=1.0)
    export_reader(network, rounded, temperature=1.0, quantised=True)
    assert rounded.stat().st_size < 0.36 * exact.stat().st_size
    assert np.array_equal(read_ink(rounded, ink).seen, read_ink(exact, ink).seen)
    assert check_agreement(rounded, network, ink=ink, temperature=1.0) < 0.01
