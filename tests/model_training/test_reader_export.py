"""The exported reader answers as the Keras network does."""

from pathlib import Path

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer.qtyping import (
    ComputePrecision,
    OpQuantizationConfig,
    TensorDataType,
    TensorQuantizationConfig,
    TFLOperationName,
)
from ai_edge_quantizer.quantizer import Quantizer

from model_training.release.reader_export import (
    ReaderDisagreesError,
    check_agreement,
    export_reader,
    ink_of,
    read_ink,
)
from model_training.release.reader_weights import take_weights
from model_training.release.release_folder import read_description
from model_training.training.config import Architecture
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
    """Only the network is rounded: a quarter of the size, the same picture bit for bit, and answers agree."""
    keras.utils.set_random_seed(1)
    network, ink = build_network("residual"), ink_of(digits.images[:50])
    exact, rounded = tmp_path / "exact.tflite", tmp_path / "rounded.tflite"
    export_reader(network, exact, temperature=1.0)
    export_reader(network, rounded, temperature=1.0, quantised=True)
    assert rounded.stat().st_size < 0.27 * exact.stat().st_size
    assert np.array_equal(read_ink(rounded, ink).seen, read_ink(exact, ink).seen)
    assert check_agreement(rounded, network, ink=ink, temperature=1.0) < 0.01


@pytest.mark.parametrize("architecture", ["classic", "residual"])
def test_a_network_can_be_had_back_from_its_reader(
    architecture: Architecture, tmp_path: Path, digits: Digits
) -> None:
    """With a reader's weights a network answers as that does: in floats, halves of them or whole numbers."""
    keras.utils.set_random_seed(1)
    trained = build_network(architecture)
    _move_normalisation(trained)
    exact, halved, rounded = (tmp_path / f"{name}.tflite" for name in ("exact", "halved", "rounded"))
    export_reader(trained, exact, temperature=1.0)
    halved.write_bytes(_halve(exact.read_bytes()))
    export_reader(trained, rounded, temperature=1.0, quantised=True)
    images = digits.images[:50, ..., None] / np.float32(255)
    expected = trained.predict(images, verbose=0)
    for reader, close in ((exact, 1e-4), (halved, 1e-2), (rounded, 0.1)):
        again = build_network(architecture)
        take_weights(again, reader)
        difference = np.abs(again.predict(images, verbose=0) - expected).max()
        assert difference < close * np.abs(expected).max(), reader.name


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    """A reader's weights fit the network that it was made of, and no other."""
    export_reader(build_network("residual", width=0.5), tmp_path / "reader.tflite", temperature=1.0)
    for other in (build_network("residual"), build_network("classic")):
        with pytest.raises(ValueError, match="shape"):
            take_weights(other, tmp_path / "reader.tflite")


def _halve(reader: bytes) -> bytes:
    """The reader with float16 weights, as earlier releases have them."""
    quantizer = Quantizer(reader)
    config = OpQuantizationConfig(
        weight_tensor_config=TensorQuantizationConfig(num_bits=16, dtype=TensorDataType.FLOAT),
        compute_precision=ComputePrecision.FLOAT,
        explicit_dequantize=True,
    )
    for operation in (TFLOperationName.CONV_2D, TFLOperationName.FULLY_CONNECTED):
        quantizer.update_quantization_recipe(
            regex=".*", operation_name=operation, op_config=config, algorithm_key="float_casting"
        )
    return bytes(quantizer.quantize().quantized_model)


def _move_normalisation(network: keras.Model) -> None:
    """Gives batch normalisations what training would: means and variances of their own."""
    generator = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
