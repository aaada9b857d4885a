"""The accuracy on MNIST through the API is that of the network itself."""

from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.readers.digit_reader import DigitReader
from tests.conftest import Digits
from tests.pictures import as_json, encode

POINT = 0.01


def test_sample_is_read_as_by_the_reader_alone(client: TestClient, digits: Digits) -> None:
    """1,000 digits sent as PNG are read as the reader reads MNIST's own pixels."""
    release = open_release(BUNDLED_RELEASE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    margin = (release.drawing_size - 28) // 2
    alone = [str(reader.read(np.pad(image, margin)).probabilities.argmax()) for image in digits.images]
    texts = [
        client.post(
            "/api/predict?expect=digit", content=encode(image), headers={"Content-Type": "image/png"}
        ).json()["text"]
        for image in digits.images
    ]
    assert texts == alone
    assert np.mean(np.array(texts) == digits.labels.astype(str)) > 0.98


def test_auto_costs_hardly_any_accuracy(client: TestClient, digits: Digits) -> None:
    """With `auto`, at most 3 of 1,000 single digits are read as several or as none."""
    readings = [client.post("/api/predict", json={"pixels": i.tolist()}).json() for i in digits.images]
    assert sum(len(reading["digits"]) != 1 for reading in readings) <= 3


def test_whole_test_set_has_the_accuracy_of_the_release(client: TestClient, mnist_file: Path) -> None:
    """The 10,000 test digits, sent as PNG, are within 0.05 points of the accuracy in `release.json`."""
    with np.load(mnist_file) as mnist:
        images, labels = mnist["x_test"], mnist["y_test"]
    [claimed] = [
        metric.value
        for metric in open_release(BUNDLED_RELEASE).metrics
        if (metric.dataset, metric.metric) == ("MNIST test", "accuracy")
    ]
    texts: list[str] = []
    for start in range(0, len(images), 500):
        batch = [as_json(encode(image))["image"] for image in images[start:][:500]]
        response = client.post("/api/predict/batch", json={"images": batch, "expect": "digit"}).json()
        texts += [reading["text"] for reading in response["readings"]]
    assert np.mean(np.array(texts) == labels.astype(str)) == pytest.approx(claimed, abs=0.05 * POINT)
