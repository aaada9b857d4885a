"""Digits of the same writer, sent as examples with the picture to read."""

import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.conftest import Digits
from tests.pictures import Pixels, as_json, beside, encode

MISREAD, REFUSED, READ = 625, 659, 0  # indices of digits of MNIST; the bundled release misreads one as a 4


def _read(client: TestClient, image: Pixels, *examples: dict[str, Any], **fields: Any) -> dict[str, Any]:
    response = client.post("/api/predict", json=as_json(encode(image), examples=examples, **fields))
    assert response.status_code == 200, response.text
    return dict(response.json())


def _example(digits: Digits, index: int) -> dict[str, Any]:
    return {**as_json(encode(digits.images[index])), "digit": int(digits.labels[index])}


@pytest.mark.parametrize("index", [MISREAD, REFUSED])
def test_ink_that_resembles_an_example_is_read_as_it_is(
    client: TestClient, digits: Digits, index: int
) -> None:
    """A digit that is misread or refused is read rightly, a little moved too, when it is also an example."""
    moved = np.roll(digits.images[index], 1, axis=1)
    label = str(digits.labels[index])
    assert _read(client, moved)["text"] != label
    read = _read(client, moved, _example(digits, index))
    assert read["text"] == label
    assert sum(read["digits"][0]["probabilities"]) == pytest.approx(1)


def test_digits_of_a_number_are_adapted(client: TestClient, digits: Digits) -> None:
    """A misread digit between others is read as in the example, and the others as before."""
    number = beside(*(digits.images[index] for index in (0, MISREAD, 1)), gap=8)
    expected = f"{digits.labels[0]}{digits.labels[MISREAD]}{digits.labels[1]}"
    assert _read(client, number)["text"] != expected
    assert _read(client, number, _example(digits, MISREAD))["text"] == expected


def test_other_digits_are_read_as_before(client: TestClient, digits: Digits) -> None:
    """Ten examples that are read rightly, and one that is misread, change none of 100 other digits."""
    examples = [_example(digits, index) for index in (*range(10), MISREAD)]
    for image in digits.images[100:200]:
        assert _read(client, image, *examples)["text"] == _read(client, image)["text"]


def test_an_embedding_stands_for_its_picture(client: TestClient, digits: Digits) -> None:
    """The embedding and the probabilities of a response have the effect of the picture itself."""
    body = as_json(encode(digits.images[MISREAD]))
    [digit] = client.post("/api/predict?embeddings=true", json=body).json()["digits"]
    sent = {name: digit[name] for name in ("embedding", "probabilities")}
    example = {**json.loads(json.dumps(sent)), "digit": int(digits.labels[MISREAD])}
    moved = np.roll(digits.images[MISREAD], 1, axis=0)
    by_embedding, by_picture = (
        _read(client, moved, each)["digits"][0]["probabilities"]
        for each in (example, _example(digits, MISREAD))
    )
    assert by_embedding == pytest.approx(by_picture, abs=0.01)


def test_two_hundred_examples_are_enough(client: TestClient, digits: Digits) -> None:
    """With as many examples as are accepted, each is read as what it is."""
    examples = [_example(digits, index) for index in range(500, 700)]
    for index in (*range(500, 520), MISREAD, REFUSED):
        assert _read(client, digits.images[index], *examples)["text"] == str(digits.labels[index])


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"digit": 10}, 422, "examples.1: digit: 10 is more than 9"),
        ({"digit": "7"}, 422, "examples.1.digit"),
        ({"image": None}, 422, "examples.1: give either image or embedding"),
        ({"embedding": [1.0]}, 422, "examples.1: give either image or embedding"),
        ({"image": None, "embedding": [1.0, 2.0]}, 422, "examples.1: embedding: there are 2 numbers"),
        ({"image": None, "embedding": [1e300] * 6272}, 422, "examples.1.embedding.0"),
        (
            {"image": None, "embedding": [1.0], "probabilities": [1]},
            422,
            "examples.1: probabilities: there are 1 numbers",
        ),
        ({"image": "seven"}, 400, "examples.1: "),
        ({"image": as_json(encode(np.zeros((28, 28), np.uint8)))["image"]}, 400, "the picture is empty"),
    ],
)
def test_an_invalid_example_is_named(
    client: TestClient, digits: Digits, changes: dict[str, Any], status: int, message: str
) -> None:
    """The error gives its place among the examples, and what is wrong."""
    examples = [_example(digits, READ), _example(digits, READ) | changes]
    response = client.post("/api/predict", json=as_json(encode(digits.images[0]), examples=examples))
    assert response.status_code == status
    assert message in response.json()["error"]["message"]


def test_examples_are_bounded(client: TestClient, digits: Digits) -> None:
    """More than 200 are refused, and so are pictures that have too many pixels together."""
    example = _example(digits, READ)
    many = as_json(encode(digits.images[0]), examples=[example] * 201)
    assert client.post("/api/predict", json=many).status_code == 422
    large = as_json(encode(np.eye(3000, dtype=np.uint8) * 255)) | {"digit": 1}
    both = as_json(encode(digits.images[0]), examples=[large, large])
    assert client.post("/api/predict", json=both).status_code == 413
