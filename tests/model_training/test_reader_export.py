"""The exported reader agrees with the Keras network."""

from pathlib import Path
from zipfile import ZipFile

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from model_training.errors import ReaderDisagreesError
from model_training.release.network_file import save_network
from model_training.release.reader_export import check_agreement, export_reader, ink_of, read_ink
from model_training.release.release_folder import read_description
from model_training.training.network import build_network
from tests.conftest import Digits

pytestmark = pytest.mark.slow


def test_reader_and_network_agree_on_a_thousand_digits(small_release: Path, digits: Digits) -> None:
    """The probabilities hardly differ, and the prediction only where two digits are almost as likely."""
    network = keras.models.load_model(small_release / "model.keras")
    temperature = read_description(small_release)["temperature"]
    reader, ink = small_release / "reader.tflite", ink_of(digits.images)
    largest = check_agreement(reader, network, ink=ink, temperature=temperature)
    assert largest < 0.05
    probabilities = read_ink(reader, ink).probabilities
    expected = network.predict(digits.images[..., None] / np.float32(255), verbose=0).argmax(axis=1)
    others = probabilities.argmax(axis=1) != expected
    assert others.mean() < 0.01
    assert np.all(probabilities.max(axis=1)[others] - probabilities[others, expected[others]] < 2 * largest)


def test_reader_returns_the_normalised_image(small_release: Path, digits: Digits) -> None:
    """An MNIST digit stays the same; without refusal the digit score is the largest probability."""
    output = read_ink(small_release / "reader.tflite", ink_of(digits.images[:50]))
    assert np.abs(output.normalised - digits.images[:50] / 255.0).mean() < 1e-3
    assert np.allclose(output.digit_score, output.probabilities.max(axis=1))


def test_reader_has_named_tensors_of_fixed_shape(small_release: Path) -> None:
    """Names and shapes are those of release.json, with no dynamic axis."""
    description = read_description(small_release)
    interpreter = Interpreter(str(small_release / "reader.tflite"))
    (ink,) = interpreter.get_input_details()
    assert ink["shape_signature"].tolist() == description["input"]["shape"]
    assert ink["dtype"] == np.uint8
    runner = interpreter.get_signature_runner("serving_default")
    assert list(runner.get_input_details()) == [description["input"]["name"]]
    shapes = {name: detail["shape"].tolist() for name, detail in runner.get_output_details().items()}
    assert shapes == description["outputs"]


def test_embedding_is_the_input_of_the_last_layer(small_release: Path, digits: Digits) -> None:
    """The weights of the last layer turn the embedding into the logits of the network."""
    network = keras.models.load_model(small_release / "model.keras")
    run = Interpreter(str(small_release / "reader.tflite")).get_signature_runner()
    outputs = [run(ink=ink[None]) for ink in ink_of(digits.images[:20])]
    kernel, bias = network.layers[-1].get_weights()
    logits = np.concatenate([output["embedding"] for output in outputs]) @ kernel + bias
    expected = network.predict(digits.images[:20, ..., None] / np.float32(255), verbose=0)
    assert np.abs(logits - expected).mean() < 0.1


def test_network_file_has_no_arguments_that_are_the_default(tmp_path: Path) -> None:
    """The file opens as the same network, and names nothing that older versions may not know."""
    keras.utils.set_random_seed(1)
    network = build_network("residual", width=0.25)
    save_network(network, tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    images = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    assert np.array_equal(network.predict(images, verbose=0), loaded.predict(images, verbose=0))
    with ZipFile(tmp_path / "model.keras") as file:
        configuration = file.read("config.json").decode()
    assert "use_bias" in configuration
    assert "input_axes" not in configuration
    assert "groups" not in configuration


def test_disagreeing_reader_is_not_released(tmp_path: Path, digits: Digits) -> None:
    """The check fails for another network's reader, and for a reader whose output is NaN."""
    keras.utils.set_random_seed(1)
    network, another = build_network("classic"), build_network("classic")
    reader, ink = tmp_path / "reader.tflite", ink_of(digits.images[:20])
    export_reader(network, reader, temperature=1.0)
    assert check_agreement(reader, network, ink=ink, temperature=1.0) < 1e-5
    with pytest.raises(ReaderDisagreesError):
        check_agreement(reader, another, ink=ink, temperature=1.0)
    network.set_weights([weight * np.nan for weight in network.get_weights()])
    export_reader(network, reader, temperature=1.0)
    with pytest.raises(ReaderDisagreesError, match="nan"):
        check_agreement(reader, network, ink=ink, temperature=1.0)


def test_smaller_weights_change_little(tmp_path: Path, digits: Digits) -> None:
    """Int8 saves three quarters, and leaves the normalised image unchanged."""
    keras.utils.set_random_seed(1)
    trained = build_network("residual")
    generator = np.random.default_rng(1)
    for layer in trained.layers:
        if isinstance(layer, keras.layers.BatchNormalization):  # means and variances as after training
            layer.set_weights([generator.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    exact, halved, quantised = (tmp_path / name for name in ("float32", "float16", "int8"))
    export_reader(trained, exact, temperature=1.0)
    export_reader(trained, quantised, temperature=1.0, weights="int8")
    export_reader(trained, halved, temperature=1.0, weights="float16")
    ink = ink_of(digits.images[:50])
    expected = read_ink(exact, ink).probabilities
    for reader, tolerance in ((halved, 0.01), (quantised, 0.1)):
        assert np.abs(read_ink(reader, ink).probabilities - expected).max() < tolerance, reader.name
    assert quantised.stat().st_size < 0.3 * exact.stat().st_size
    assert np.array_equal(read_ink(quantised, ink).normalised, read_ink(exact, ink).normalised)
