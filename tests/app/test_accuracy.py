"""The accuracy on MNIST through the API is that of the network itself."""

from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.readers.digit_reader import Reader
from tests.conftest import Digits
from tests.pictures import Pixels, as_json, encode

POINT = 0.01


def _read_all(client: TestClient, images: Pixels) -> list[str]:
    headers = {"Content-Type": "image/png"}
    path = "/api/predict?expect=digit"
    return [client.post(path, content=encode(image), headers=headers).json()["text"] for image in images]


def _read_batch(client: TestClient, images: Pixels) -> list[str]:
    body = {"images": [as_json(encode(image))["image"] for image in images], "expect": "digit"}
    return [reading["text"] for reading in client.post("/api/predict/batch", json=body).json()["readings"]]


def test_sample_is_read_as_by_the_reader_alone(client: TestClient, digits: Digits) -> None:
    """Sent as PNG, 1,000 digits are read as the reader reads them when it is given MNIST's own pixels."""
    release = open_release(BUNDLED_RELEASE)
    reader = Reader(release.reader, drawing_size=release.drawing_size)
    margin = (release.drawing_size - 28) // 2
    alone = [str(reader.read(np.pad(image, margin)).probabilities.argmax()) for image in digits.images]
    texts = _read_all(client, digits.images)
    assert texts == alone
    assert np.mean([text == str(label) for text, label in zip(texts, digits.labels, strict=True)]) > 0.98


def test_deciding_costs_hardly_any_accuracy(client: TestClient, digits: Digits) -> None:
    """Left to decide, the app takes at most 3 of 1,000 single digits for several or for none."""
    answers = [client.post("/api/predict", json={"pixels": i.tolist()}).json() for i in digits.images]
    assert sum(len(answer["digits"]) != 1 for answer in answers) <= 3


def test_whole_test_set_has_the_accuracy_of_the_release(client: TestClient, mnist_file: Path) -> None:
    """The 10,000 test digits, sent as PNG, are within 0.05 points of the accuracy in `release.json`."""
    with np.load(mnist_file) as mnist:
        images, labels = mnist["x_test"], mnist["y_test"]
    [claimed] = [
        metric.value
        for metric in open_release(BUNDLED_RELEASE).metrics
        if (metric.dataset, metric.metric) == ("MNIST test", "accuracy")
    ]
    texts = [
        text for start in range(0, len(images), 500) for text in _read_batch(client, images[start:][:500])
    ]
    accuracy = np.mean([text == str(label) for text, label in zip(texts, labels, strict=True)])
    assert accuracy == pytest.approx(claimed, abs=0.05 * POINT)
