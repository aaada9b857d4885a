"""`POST /api/explain`: why a digit was read as it was, as JSON and as a picture."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings
from tests.conftest import Digits
from tests.pictures import as_json, beside, encode

PNG = {"Content-Type": "image/png"}


@pytest.fixture
def seven(digits: Digits) -> bytes:
    """MNIST's first test digit, a 7."""
    return encode(digits.images[0])


@pytest.fixture
def number(digits: Digits) -> bytes:
    """7 2 1 0 4 beside each other."""
    return encode(beside(*digits.images[:5], gap=4))


def test_answer_has_exactly_the_documented_fields(client: TestClient, seven: bytes) -> None:
    """The digit is that of a prediction, and heat and what was seen are 28 rows of 28 numbers."""
    answer = client.post("/api/explain", json=as_json(seven, expect="digit")).json()
    prediction = client.post("/api/predict", json=as_json(seven, expect="digit")).json()
    assert set(answer) == {
        "digit", "runner_up", "sentence", "change", "heat", "seen", "model", "elapsed_ms",
    }  # fmt: skip
    assert answer["digit"] == prediction["digits"][0]
    assert answer["model"] == prediction["model"]
    assert answer["sentence"] == "Surely a 7."
    assert answer["change"].startswith("Without ")
    assert set(answer["runner_up"]) == {"digit", "probability"}
    runner_up = answer["runner_up"]
    assert answer["digit"]["probabilities"][runner_up["digit"]] == runner_up["probability"]
    heat, seen = np.array(answer["heat"]), np.array(answer["seen"])
    assert heat.shape == seen.shape == (28, 28)
    assert seen.min() == 0
    assert seen.max() == 1
    assert heat.max() > 1
    assert not heat[seen == 0].any()
    assert answer["elapsed_ms"] > 0


def test_every_form_gives_the_same_explanation(client: TestClient, number: bytes) -> None:
    """JSON, pixels and the raw picture with expectation and index in the address are explained alike."""
    pixels = np.asarray(Image.open(io.BytesIO(number))).tolist()
    bodies: list[dict[str, Any]] = [
        {"json": as_json(number, expect="number", index=2)},
        {"json": {"pixels": pixels, "expect": "number", "index": 2}},
        {"content": number, "headers": PNG, "params": {"expect": "number", "index": 2}},
    ]
    answers = [client.post("/api/explain", **body).json() for body in bodies]
    for answer in answers:
        del answer["elapsed_ms"]
    assert answers[0]["digit"]["digit"] == 1
    assert answers[1:] == answers[:1] * 2


def test_first_digit_is_explained_unless_told_otherwise(client: TestClient, number: bytes) -> None:
    """Without an index the first digit is explained; that of the JSON counts before that of the address."""
    assert client.post("/api/explain", json=as_json(number)).json()["digit"]["digit"] == 7
    answer = client.post("/api/explain?index=1", json=as_json(number, index=0))
    assert answer.json()["digit"]["digit"] == 7
    answer = client.post("/api/explain?index=1", json=as_json(number))
    assert answer.json()["digit"]["digit"] == 2


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("?format=png", "application/json"),
        ("", "image/png"),
        ("", "image/png, */*;q=0.1"),
        ("", "application/json;q=0.5, Image/PNG;q=0.9"),
    ],
)
def test_picture_is_given_on_request(client: TestClient, seven: bytes, query: str, accept: str) -> None:
    """By `format` or else by Accept, the answer is a PNG that shows the digit in colours."""
    answer = client.post(f"/api/explain{query}", json=as_json(seven), headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Vary"] == "Accept"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert picture.shape == (280, 280, 3)
    assert np.ptp(picture.astype(int), axis=2).max() > 100


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("?format=json", "image/png"),
        ("", "*/*"),
        ("", ""),
        ("", "application/json, image/png"),
        ("", "image/png;q=0"),
        ("", "image/png;q=often"),
    ],
)
def test_json_is_given_otherwise(client: TestClient, seven: bytes, query: str, accept: str) -> None:
    """Who does not prefer a picture gets JSON."""
    answer = client.post(f"/api/explain{query}", json=as_json(seven), headers={"Accept": accept})
    assert answer.json()["digit"]["digit"] == 7
    assert answer.headers["Vary"] == "Accept"


def test_digit_that_is_not_there_is_422(client: TestClient, number: bytes) -> None:
    """An index beyond the digits is refused, and the message says how many there are."""
    for answer in (
        client.post("/api/explain", json=as_json(number, index=5)),
        client.post("/api/explain?index=5&format=png", content=number, headers=PNG),
    ):
        message = _check(answer, 422, "wrong_shape")
        assert message == "index: there is no digit 5; the picture has 5 digits, at index 0 to 4."


def test_empty_picture_is_422(client: TestClient) -> None:
    """There is nothing to explain, and the message says so."""
    answer = client.post("/api/explain", json={"pixels": [[255] * 9] * 9})
    assert _check(answer, 422, "wrong_shape").endswith("the picture has no digit.")


@pytest.mark.parametrize("index", [-1, 10**40, 0.5, "first", True])
def test_what_is_no_index_is_422(client: TestClient, seven: bytes, index: object) -> None:
    """An index is a whole number from 0, and the message says where it is wrong."""
    assert "index" in _check(
        client.post("/api/explain", json=as_json(seven, index=index)), 422, "wrong_shape"
    )


@pytest.mark.parametrize("query", ["index=-1", "index=one", "format=gif", "expect=word"])
def test_what_the_address_asks_is_checked(client: TestClient, seven: bytes, query: str) -> None:
    """Index, format and expectation in the address have to be known ones."""
    answer = client.post(f"/api/explain?{query}", content=seven, headers=PNG)
    assert query.partition("=")[0] in _check(answer, 422, "wrong_shape")


def test_errors_are_those_of_prediction(client: TestClient, settings: Settings, seven: bytes) -> None:
    """What cannot be decoded, is too large, of another type or shape, or too early, is told as usual."""
    _check(client.post("/api/explain", json={"image": "?"}), 400, "undecodable")
    _check(client.post("/api/explain", content=bytes(2**20 + 1), headers=PNG), 413, "too_large")
    large = encode(Image.new("1", (4001, 4000)))
    _check(client.post("/api/explain", content=large, headers=PNG), 413, "too_large")
    _check(
        client.post("/api/explain", content=seven, headers={"Content-Type": "a/b"}), 415, "unsupported_type"
    )
    _check(client.post("/api/explain", json={}), 422, "wrong_shape")
    _check(client.get("/api/explain"), 405, "method_not_allowed")
    early = TestClient(create_app(settings)).post("/api/explain", json=as_json(seven))
    _check(early, 503, "not_ready")


def test_prediction_takes_no_index(client: TestClient, seven: bytes) -> None:
    """Only an explanation asks for one digit."""
    _check(client.post("/api/predict", json=as_json(seven, index=0)), 422, "wrong_shape")


def _check(answer: Any, status: int, code: str) -> str:
    """Check the error's status and code; return its message."""
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    message: str = answer.json()["error"]["message"]
    return message
