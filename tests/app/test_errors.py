"""Every fault of a request gets the documented status and shape, and never a 500."""

import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.application import create_app
from app.recognition.recognizer import Recognizer
from app.settings import Settings
from tests.conftest import Digits
from tests.pictures import as_json, encode

PNG = encode(np.eye(40, dtype=np.uint8) * 255)
JPEG = encode(np.eye(40, dtype=np.uint8) * 255, "JPEG")
WEBP = encode(np.eye(40, dtype=np.uint8) * 255, "WEBP")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def _check(answer: httpx2.Response, status: int, code: str) -> str:
    """Check the whole shape of an error answer and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].keys() == {"code", "message"}
    assert answer.json()["error"]["code"] == code
    message = str(answer.json()["error"]["message"])
    assert message.endswith(".")
    assert not any(secret in message for secret in ("Traceback", "/app/", "0x", "PIL"))
    return message


def _claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + PNG[24:29]
    return PNG[:12] + header + struct.pack(">I", zlib.crc32(header)) + PNG[33:]


UNDECODABLE: dict[str, Any] = {
    "empty text": {"image": ""},
    "no base64": {"image": "this is no base64!"},
    "base64 cut short": {"image": "iVBORw0KGgo"},
    "letters beyond ASCII": {"image": "héé="},
    "address": {"image": "https://127.0.0.1/seven.png"},
    "data: URL not in base64": {"image": "data:image/png,abc"},
    "empty data: URL": {"image": "data:image/png;base64,"},
    "text file": as_json(b"hello, I am no picture"),
    "GIF": as_json(encode(Image.new("L", (9, 9)), "GIF")),
    "TIFF": as_json(encode(Image.new("L", (9, 9)), "TIFF")),
    "SVG": as_json(SVG),
    "only a header": as_json(PNG[:33]),
    "PNG cut short": as_json(PNG[: len(PNG) * 2 // 3]),
    "JPEG cut short": as_json(JPEG[: len(JPEG) * 2 // 3]),
    "WebP cut short": as_json(WEBP[: len(WEBP) * 2 // 3]),
    "PNG of width 0": as_json(_claiming(0, 9)),
}
WRONG_SHAPE: dict[str, Any] = {
    "neither image nor pixels": {"expect": "digit"},
    "both": {"image": "", "pixels": [[0]]},
    "misspelt field": {"images": [""]},
    "unknown expectation": {"pixels": [[0]], "expect": "letter"},
    "image is a number": {"image": 7},
    "no rows": {"pixels": []},
    "empty rows": {"pixels": [[], []]},
    "ragged": {"pixels": [[0, 0], [0]]},
    "one dimension": {"pixels": [0, 0]},
    "three dimensions": {"pixels": [[[0, 0, 0]]]},
    "fractions": {"pixels": [[0.5]]},
    "whole fractions": {"pixels": [[1.0]]},
    "booleans": {"pixels": [[True]]},
    "texts": {"pixels": [["0"]]},
    "nulls": {"pixels": [[None]]},
    "below 0": {"pixels": [[-1]]},
    "above 255": {"pixels": [[256]]},
    "far above": {"pixels": [[10**40]]},
    "a list": [],
    "a number": 5,
    "null": None,
}


@pytest.mark.parametrize("case", UNDECODABLE)
def test_what_cannot_be_decoded_is_400(client: TestClient, case: str) -> None:
    """A text that is no base64, or bytes that are no whole picture, are undecodable."""
    _check(client.post("/api/predict", json=UNDECODABLE[case]), 400, "undecodable")


def test_address_is_said_not_to_be_fetched(client: TestClient) -> None:
    """Who sends an address is told to send the picture."""
    answer = client.post("/api/predict", json={"image": "https://127.0.0.1/seven.png"})
    assert "nothing is fetched" in _check(answer, 400, "undecodable")


@pytest.mark.parametrize("body", [b"", b"{", b"nothing", b'{"image": "\xff"}', b"[" * 100_000])
def test_what_is_no_json_is_400(client: TestClient, body: bytes) -> None:
    """A body that says it is JSON and is not is undecodable."""
    headers = {"Content-Type": "application/json"}
    _check(client.post("/api/predict", content=body, headers=headers), 400, "undecodable")


@pytest.mark.parametrize("body", [b"", b"no picture", PNG[:50], JPEG[:100], SVG])
def test_raw_body_that_is_no_picture_is_400(client: TestClient, body: bytes) -> None:
    """A body that says it is a picture and is not is undecodable."""
    headers = {"Content-Type": "image/png"}
    _check(client.post("/api/predict", content=body, headers=headers), 400, "undecodable")


def test_damaged_pictures_never_break_the_server(client: TestClient) -> None:
    """Pictures with any one byte changed are read or refused as undecodable or too large."""
    random = np.random.default_rng(0)
    for picture in (PNG, JPEG, WEBP):
        for place in random.integers(0, len(picture), 60):
            damaged = bytearray(picture)
            damaged[place] ^= 0xFF
            answer = client.post("/api/predict", json=as_json(bytes(damaged)))
            assert answer.status_code in (200, 400, 413)


@pytest.mark.parametrize("case", WRONG_SHAPE)
def test_json_of_another_shape_is_422(client: TestClient, case: str) -> None:
    """JSON that is not as documented has the wrong shape, and the message says where."""
    body = json.dumps(WRONG_SHAPE[case])
    answer = client.post("/api/predict", content=body, headers={"Content-Type": "application/json"})
    _check(answer, 422, "wrong_shape")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_what_is_no_number_is_422(client: TestClient, value: str) -> None:
    """NaN and infinities are no grey values."""
    body = f'{{"pixels": [[0, {value}]]}}'
    answer = client.post("/api/predict", content=body, headers={"Content-Type": "application/json"})
    assert "pixels.0.1" in _check(answer, 422, "wrong_shape")


def test_long_name_of_a_field_is_not_sent_back(client: TestClient) -> None:
    """An unknown field is named, but an answer is short however long the name is."""
    answer = client.post("/api/predict", json={"k" * 100_000: 1})
    message = _check(answer, 422, "wrong_shape")
    assert message.startswith("kkk")
    assert len(message) < 200


def test_missing_content_type_is_said_to_be_missing(client: TestClient) -> None:
    """It is not quoted as if somebody had sent the type "missing"."""
    message = _check(client.post("/api/predict", content=PNG), 415, "unsupported_type")
    assert message.startswith("The Content-Type is missing; send")


def test_expectation_in_the_address_is_checked(client: TestClient) -> None:
    """An unknown expectation in the address has the wrong shape."""
    headers = {"Content-Type": "image/png"}
    answer = client.post("/api/predict?expect=word", content=PNG, headers=headers)
    assert "expect" in _check(answer, 422, "wrong_shape")


@pytest.mark.parametrize("kind", ["image/gif", "image/svg+xml", "text/plain", "multipart/form-data", ""])
@pytest.mark.parametrize("path", ["/api/predict", "/api/predict/batch"])
def test_other_content_type_is_415(client: TestClient, kind: str, path: str) -> None:
    """A body of a type that is not read is refused, and the message names those that are."""
    answer = client.post(path, content=PNG, headers={"Content-Type": kind} if kind else {})
    message = _check(answer, 415, "unsupported_type")
    assert "application/json" in message
    assert ("image/png" in message) == (path == "/api/predict")


@pytest.mark.parametrize("size", [(4001, 4000), (16_000_001, 1), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_413_before_decoding(client: TestClient, size: tuple[int, int]) -> None:
    """A picture that claims more pixels than allowed is refused for it, though its data is not even there."""
    _check(client.post("/api/predict", json=as_json(_claiming(*size))), 413, "too_large")


def test_too_many_pixels_in_an_array_are_413(digits: Digits) -> None:
    """The limit holds for arrays, and for all pictures of a batch together."""
    pixels = digits.images[0].tolist()
    image = as_json(encode(digits.images[0]))["image"]
    with TestClient(create_app(Settings(ui=False, max_pixels=1000))) as client:
        assert client.post("/api/predict", json={"pixels": pixels}).status_code == 200
        _check(client.post("/api/predict", json={"pixels": pixels * 2}), 413, "too_large")
        _check(client.post("/api/predict/batch", json={"images": [image] * 2}), 413, "too_large")


def test_too_large_a_body_is_413(client: TestClient) -> None:
    """A body above the limit is refused, whether it declares its length or comes in chunks."""

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(2**16)

    headers = {"Content-Type": "image/png"}
    for path in ("/api/predict", "/api/predict/batch"):
        _check(client.post(path, content=bytes(2**20 + 1), headers=headers), 413, "too_large")
        _check(client.post(path, content=chunks(), headers=headers), 413, "too_large")


def test_too_large_a_body_is_413_over_the_wire(server: str) -> None:
    """The real server answers a body that is too large instead of hanging up."""
    headers = {"Content-Type": "image/png"}
    answer = httpx2.post(f"{server}/api/predict", content=bytes(17 * 2**20), headers=headers, timeout=30)
    _check(answer, 413, "too_large")


def test_bad_picture_of_a_batch_is_named(client: TestClient) -> None:
    """One bad picture refuses the batch, and the message says which."""
    good = as_json(PNG)["image"]
    for bad in ("?", as_json(PNG[:60])["image"]):
        answer = client.post("/api/predict/batch", json={"images": [good, good, bad]})
        assert "images.2" in _check(answer, 400, "undecodable")
    answer = client.post("/api/predict/batch", json={"images": [good, 5]})
    assert "images.1" in _check(answer, 422, "wrong_shape")


def test_unknown_path_is_404(client: TestClient) -> None:
    """What is under /api and does not exist is not found."""
    for path in ("/api", "/api/nothing", "/health", "/health/nothing"):
        _check(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/predict", "POST"),
        ("DELETE", "/api/model", "GET"),
        ("OPTIONS", "/api/predict", "POST"),
        ("POST", "/health/live", "GET, HEAD"),
    ],
)
def test_other_method_is_405(client: TestClient, method: str, path: str, allowed: str) -> None:
    """A route asked with another method says which it takes."""
    answer = client.request(method, path)
    _check(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


def test_errors_have_their_shape_beside_the_page(server: str) -> None:
    """The page, which is mounted at /, does not answer for the API."""
    for path in ("/api", "/api/nothing", "/health", "/health/nothing"):
        _check(httpx2.get(server + path), 404, "not_found")
    _check(httpx2.get(f"{server}/api/predict"), 405, "method_not_allowed")
    _check(httpx2.options(f"{server}/api/predict"), 405, "method_not_allowed")
    _check(httpx2.post(f"{server}/health/live"), 405, "method_not_allowed")


def test_fault_of_the_server_is_told_without_internals(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake in the server's own code is a 500 that says nothing of the code; the log says it."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the code")

    monkeypatch.setattr(Recognizer, "read", fail)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.post("/api/predict", json={"pixels": [[0]]})
    assert "secret" not in _check(answer, 500, "internal")
    assert "a secret of the code" in caplog.text
