"""The REST API of TensorFlow Serving: https://www.tensorflow.org/tfx/serving/api_rest."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.app.api.inference import check_inference_error
from tests.conftest import Digits
from tests.pictures import Pixels

MODEL = "/v1/models/digits"
PREDICT = f"{MODEL}:predict"
INSTANCES: dict[str, Callable[[Pixels], Any]] = {
    "0 to 255": lambda images: images,
    "0 to 1": lambda images: images / 255,
    "one channel": lambda images: images[..., None] / 255,
    "flat": lambda images: images.reshape(len(images), -1),
    "black ink on white": lambda images: 255 - images,
}
INVALID: dict[str, dict[str, Any]] = {
    "no instances": {},
    "none": {"instances": []},
    "another signature": {"instances": [[0] * 784], "signature_name": "train"},
    "another size": {"instances": [[0] * 100]},
    "ragged": {"instances": [[0] * 784, [0] * 783]},
    "numbers": {"instances": [1, 2]},
    "texts": {"instances": [["a"] * 784]},
    "out of range": {"instances": [[256] * 784]},
    "too many": {"instances": [[0]] * 1001},
}


@pytest.mark.parametrize("form", INSTANCES)
def test_images_of_every_shape_are_read(client: TestClient, digits: Digits, form: str) -> None:
    """Each prediction is the probabilities of ten digits, as in a Keras classifier."""
    body = {"signature_name": "serving_default", "instances": INSTANCES[form](digits.images[:10]).tolist()}
    predictions = np.array(client.post(PREDICT, json=body).json()["predictions"])
    assert predictions.argmax(axis=1).tolist() == digits.labels[:10].tolist()
    assert predictions.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_image_without_ink_has_no_probable_digit(client: TestClient) -> None:
    """All probabilities are 0."""
    body = {"instances": np.zeros((1, 28, 28)).tolist()}
    assert client.post(PREDICT, json=body).json() == {"predictions": [[0.0] * 10]}


def test_status_is_available(client: TestClient) -> None:
    """As clients ask for it before they predict."""
    [status] = client.get(MODEL).json()["model_version_status"]
    assert status["state"] == "AVAILABLE"


@pytest.mark.parametrize("case", INVALID)
def test_invalid_request_is_400(client: TestClient, case: str) -> None:
    """The error has the shape of the protocol."""
    check_inference_error(client.post(PREDICT, json=INVALID[case]))


def test_unknown_path_gets_an_error_of_the_protocol(client: TestClient) -> None:
    """Also with another method."""
    check_inference_error(client.get("/v1/models/letters"), 404)
    check_inference_error(client.get(PREDICT), 405)
