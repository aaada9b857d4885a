"""`POST /api/explain`, as JSON and as a PNG."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.app.api.errors import check_error
from tests.conftest import Digits
from tests.pictures import as_json, beside, encode

PNG = {"Content-Type": "image/png"}


@pytest.fixture
def seven(digits: Digits) -> bytes:
    """Return MNIST's first test digit, a 7, as a PNG."""
    return encode(digits.images[0])


@pytest.fixture
def number(digits: Digits) -> bytes:
    """Return the digits 7 2 1 0 4 in a row, as a PNG."""
    return encode(beside(*digits.images[:5], gap=4))


def test_response_has_exactly_the_documented_fields(client: TestClient, seven: bytes) -> None:
    """The digit is that of /api/predict; heat and normalised image are 28 rows of 28 numbers."""
    response = client.post("/api/explain", json=as_json(seven, expect="digit")).json()
    prediction = client.post("/api/predict", json=as_json(seven, expect="digit")).json()
    assert set(response) == {
        "digit", "runner_up", "sentence", "change", "heat", "seen", "model", "elapsed_ms",
    }  # fmt: skip
    assert response["digit"] == prediction["digits"][0]
    assert response["model"] == prediction["model"]
    assert "7" in response["sentence"]
    assert response["change"]
    assert set(response["runner_up"]) == {"digit", "probability"}
    runner_up = response["runner_up"]
    probabilities = response["digit"]["probabilities"]
    assert probabilities[runner_up["digit"]] == runner_up["probability"] == sorted(probabilities)[-2]
    heat, seen = np.array(response["heat"]), np.array(response["seen"])
    assert heat.shape == seen.shape == (28, 28)
    assert seen.min() == 0
    assert seen.max() == 1
    assert heat.max() > 1
    assert not heat[seen == 0].any()
    assert response["elapsed_ms"] > 0


def test_every_form_gives_the_same_explanation(client: TestClient, number: bytes) -> None:
    """JSON, pixels, and a picture with `expect` and `index` in the query get the same explanation."""
    pixels = np.asarray(Image.open(io.BytesIO(number))).tolist()
    bodies: list[dict[str, Any]] = [
        {"json": as_json(number, expect="number", index=2)},
        {"json": {"pixels": pixels, "expect": "number", "index": 2}},
        {"content": number, "headers": PNG, "params": {"expect": "number", "index": 2}},
    ]
    responses = [client.post("/api/explain", **body).json() for body in bodies]
    for response in responses:
        del response["elapsed_ms"]
    assert responses[0]["digit"]["digit"] == 1
    assert responses[1:] == responses[:1] * 2


def test_first_digit_is_explained_by_default(client: TestClient, number: bytes) -> None:
    """Without an index the first digit is explained; the JSON's index takes precedence over the query's."""
    assert client.post("/api/explain", json=as_json(number)).json()["digit"]["digit"] == 7
    response = client.post("/api/explain?index=1", json=as_json(number, index=0))
    assert response.json()["digit"]["digit"] == 7
    response = client.post("/api/explain?index=1", json=as_json(number))
    assert response.json()["digit"]["digit"] == 2


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("?format=png", "application/json"),
        ("", "image/png"),
        ("", "image/png, */*;q=0.1"),
        ("", "application/json;q=0.5, Image/PNG;q=0.9"),
        ("", "image/*"),
        ("", "image/png;q=0.9;v=b3"),
        ("", "image/avif, image/*, */*;q=0.8"),
    ],
)
def test_png_on_request(client: TestClient, seven: bytes, query: str, accept: str) -> None:
    """With `format` or a preference in Accept, the response is a PNG in colours."""
    response = client.post(f"/api/explain{query}", json=as_json(seven), headers={"Accept": accept})
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Vary"] == "Accept"
    picture = np.asarray(Image.open(io.BytesIO(response.content)))
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
        ("", "image/*;q=0.5, application/*"),
        ("", "text/html, application/json;q=0.9;v=b3"),
        ("", "image/png;q=often"),
    ],
)
def test_json_otherwise(client: TestClient, seven: bytes, query: str, accept: str) -> None:
    """Without a preference for PNG the response is JSON."""
    response = client.post(f"/api/explain{query}", json=as_json(seven), headers={"Accept": accept})
    assert response.json()["digit"]["digit"] == 7
    assert response.headers["Vary"] == "Accept"


def test_index_out_of_range_is_422(client: TestClient, number: bytes) -> None:
    """An index out of range is refused, and the message gives the number of digits."""
    for response in (
        client.post("/api/explain", json=as_json(number, index=5)),
        client.post("/api/explain?index=5&format=png", content=number, headers=PNG),
    ):
        assert "5 digits" in check_error(response, 422, "wrong_shape")


def test_empty_picture_is_422(client: TestClient) -> None:
    """An empty picture has no digit to explain."""
    response = client.post("/api/explain", json={"pixels": [[255] * 9] * 9})
    assert "no digit" in check_error(response, 422, "wrong_shape")


@pytest.mark.parametrize("index", [-1, 10**40, 0.5, "first", True])
def test_invalid_index_is_422(client: TestClient, seven: bytes, index: object) -> None:
    """An index is a whole number from 0; the message names the field."""
    assert "index" in check_error(
        client.post("/api/explain", json=as_json(seven, index=index)), 422, "wrong_shape"
    )


@pytest.mark.parametrize("query", ["index=-1", "index=one", "format=gif", "expect=word"])
def test_query_is_checked(client: TestClient, seven: bytes, query: str) -> None:
    """Invalid values of index, format and expect in the query are refused."""
    response = client.post(f"/api/explain?{query}", content=seven, headers=PNG)
    assert query.partition("=")[0] in check_error(response, 422, "wrong_shape")


def test_errors_are_those_of_prediction(client: TestClient) -> None:
    """Invalid requests get the same errors as from /api/predict."""
    check_error(client.post("/api/explain", json={"image": "?"}), 400, "undecodable")
    check_error(client.post("/api/explain", content=bytes(2**20 + 1), headers=PNG), 413, "too_large")
    large = encode(Image.new("1", (4001, 4000)))
    check_error(client.post("/api/explain", content=large, headers=PNG), 413, "too_large")
    check_error(client.post("/api/explain", json={}), 422, "wrong_shape")
    check_error(client.get("/api/explain"), 405, "method_not_allowed")


def test_predict_refuses_an_index(client: TestClient, seven: bytes) -> None:
    """/api/predict has no field `index`."""
    check_error(client.post("/api/predict", json=as_json(seven, index=0)), 422, "wrong_shape")
