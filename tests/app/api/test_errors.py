"""Every invalid request gets the documented status and error body, and never a 500."""

import base64
import gzip
import json
import struct
import zlib
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.recognition.recognizer import Recognizer
from app.settings import Settings
from tests.app.api.errors import check_error
from tests.app.api.inference import INFER, check_inference_error, make_request
from tests.conftest import Digits
from tests.pictures import as_json, encode

PNG = encode(np.eye(40, dtype=np.uint8) * 255)
JPEG = encode(np.eye(40, dtype=np.uint8) * 255, "JPEG")
WEBP = encode(np.eye(40, dtype=np.uint8) * 255, "WEBP")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def _png_with_header(width: int, height: int) -> bytes:
    """Return a small PNG whose header has another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + PNG[24:29]
    return PNG[:12] + header + struct.pack(">I", zlib.crc32(header)) + PNG[33:]


UNDECODABLE: dict[str, Any] = {
    "empty text": {"image": ""},
    "not base64": {"image": "this is not base64!"},
    "truncated base64": {"image": "iVBORw0KGgo"},
    "letters outside ASCII": {"image": "héé="},
    "data: URL not in base64": {"image": "data:image/png,abc"},
    "empty data: URL": {"image": "data:image/png;base64,"},
    "text file": as_json(b"hello, I am not a picture"),
    "SVG": as_json(SVG),
    "only a header": as_json(PNG[:33]),
    "truncated PNG": as_json(PNG[: len(PNG) * 2 // 3]),
    "truncated JPEG": as_json(JPEG[: len(JPEG) * 2 // 3]),
    "truncated WebP": as_json(WEBP[: len(WEBP) * 2 // 3]),
    "PNG of width 0": as_json(_png_with_header(0, 9)),
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
    "colours": {"pixels": [[[0, 0, 0]]]},
    "four dimensions": {"pixels": [[[[0]]]]},
    "a hundred dimensions": {"pixels": json.loads("[" * 100 + "0" + "]" * 100)},
    "fractions of 1 without scale": {"pixels": [[0.5]]},
    "another scale": {"pixels": [[1]], "scale": 2},
    "above the scale": {"pixels": [[2]], "scale": 1},
    "not a square": {"pixels": [0, 0, 0]},
    "booleans": {"pixels": [[True]]},
    "texts": {"pixels": [["0"]]},
    "nulls": {"pixels": [[None]]},
    "below 0": {"pixels": [[-1]]},
    "above 255": {"pixels": [[256]]},
    "far above": {"pixels": [[10**40]]},
    "a list": [],
    "null": None,
}


@pytest.mark.parametrize("case", UNDECODABLE)
def test_undecodable_image_is_400(client: TestClient, case: str) -> None:
    """Text that is not base64, and bytes that are not a whole picture, are undecodable."""
    check_error(client.post("/api/predict", json=UNDECODABLE[case]), 400, "undecodable")


def test_address_is_not_fetched(client: TestClient) -> None:
    """An address instead of a picture is refused, and the message is that nothing is fetched."""
    response = client.post("/api/predict", json={"image": "https://127.0.0.1/seven.png"})
    assert "nothing is fetched" in check_error(response, 400, "undecodable")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        *(
            ("application/json", body)
            for body in (b"", b"{", b"nothing", b'{"image": "\xff"}', b"[" * 100_000)
        ),
        *(("image/png", body) for body in (b"", b"not a picture", PNG[:50], JPEG[:100], SVG)),
    ],
)
def test_invalid_body_is_400(client: TestClient, kind: str, body: bytes) -> None:
    """A body that does not have the type of its Content-Type is undecodable."""
    response = client.post("/api/predict", content=body, headers={"Content-Type": kind})
    check_error(response, 400, "undecodable")


@pytest.mark.parametrize("case", WRONG_SHAPE)
def test_json_with_another_schema_is_422(client: TestClient, case: str) -> None:
    """JSON that does not match the documented schema is refused."""
    body = json.dumps(WRONG_SHAPE[case])
    response = client.post("/api/predict", content=body, headers={"Content-Type": "application/json"})
    check_error(response, 422, "wrong_shape")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_nan_and_infinity_are_422(client: TestClient, value: str) -> None:
    """NaN and infinities are not grey values; the message gives their place."""
    body = f'{{"pixels": [[0, {value}]]}}'
    response = client.post("/api/predict", content=body, headers={"Content-Type": "application/json"})
    assert "pixels.0.1" in check_error(response, 422, "wrong_shape")


def test_long_field_name_is_shortened(client: TestClient) -> None:
    """The message names an unknown field, and stays short however long the name is."""
    response = client.post("/api/predict", json={"k" * 100_000: 1})
    message = check_error(response, 422, "wrong_shape")
    assert message.startswith("kkk")
    assert len(message) < 200


def test_expect_in_the_query_is_checked(client: TestClient) -> None:
    """An unknown value of `expect` in the query is refused."""
    headers = {"Content-Type": "image/png"}
    response = client.post("/api/predict?expect=word", content=PNG, headers=headers)
    assert "expect" in check_error(response, 422, "wrong_shape")


@pytest.mark.parametrize("path", ["/api/predict", "/api/predict/batch", "/api/explain"])
def test_compressed_body_is_415(client: TestClient, path: str) -> None:
    """The message says that the body is compressed."""
    response = client.post(path, content=gzip.compress(PNG), headers={"Content-Encoding": "gzip"})
    assert "compressed" in check_error(response, 415, "unsupported_type")


URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
FORM_TYPE = "multipart/form-data"
LONG = f"{FORM_TYPE}; boundary={'x' * 300}"
FORM = {"Content-Type": f"{FORM_TYPE}; boundary=x"}
REFUSED_FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "text": ({"content": "hello world"}, '{"image": "<base64>"}'),
    "through curl --data": ({"content": PNG.replace(b"\0", b"").replace(b"\n", b"")}, "--data-binary"),
    "form without a file": ({"data": {"name": "seven"}}, "neither a file nor a field named image"),
    "form of files without one": ({"files": {"name": (None, "seven")}}, "neither a file nor a field"),
    "broken form": ({"content": "hello", "headers": FORM}, "the form is broken"),
    "cut form": ({"content": '--x\r\nContent-Disposition: form-data; name="f"', "headers": FORM}, "neither"),
    "form without its boundary": ({"content": "--x\r\n", "headers": {"Content-Type": FORM_TYPE}}, "boundary"),
    "two fields": ({"files": [("image", (None, base64.b64encode(PNG)))] * 2}, "/api/predict/batch"),
    "two files": ({"files": [("f", PNG), ("f", PNG)]}, "/api/predict/batch"),
    "long boundary": (
        {"content": "x", "headers": {"Content-Type": f"{FORM_TYPE}; boundary={'x' * 300}"}},
        "broken",
    ),
    "1,011 parts of one name": ({"files": [("f", (None, ""))] * 1011}, "more than 1,010 parts"),
    "1,011 fields": ({"content": "a=1&" * 1011, "headers": URLENCODED}, "more than 1,010 parts"),
    "1,011 parts": ({"files": [("f", b"")] * 1011}, "more than 1,010 parts"),
}


@pytest.mark.parametrize("case", REFUSED_FORMS)
def test_refused_body_says_what_to_send(client: TestClient, case: str) -> None:
    """Each message has the next step."""
    body, expected = REFUSED_FORMS[case]
    message = check_error(client.post("/api/predict", **body), 400, "undecodable")
    assert expected.lower() in message.lower()


def test_invalid_field_of_a_form_is_422(client: TestClient) -> None:
    """A form is checked like JSON."""
    response = client.post("/api/predict", files={"file": PNG}, data={"expect": "word"})
    assert "expect" in check_error(response, 422, "wrong_shape")


@pytest.mark.parametrize("size", [(4001, 4000), (16_000_001, 1), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_413_before_decoding(client: TestClient, size: tuple[int, int]) -> None:
    """A picture whose header has too many pixels is refused before its data is decoded."""
    check_error(client.post("/api/predict", json=as_json(_png_with_header(*size))), 413, "too_large")


def test_too_many_pixels_in_an_array_are_413(digits: Digits) -> None:
    """The limit applies to arrays, and to all pictures of a batch together."""
    pixels = digits.images[0].tolist()
    image = as_json(encode(digits.images[0]))["image"]
    with TestClient(create_app(Settings(ui=False, max_pixels=1000))) as client:
        assert client.post("/api/predict", json={"pixels": pixels}).status_code == 200
        check_error(client.post("/api/predict", json={"pixels": pixels * 2}), 413, "too_large")
        check_error(client.post("/api/predict/batch", json={"images": [image] * 2}), 413, "too_large")


def test_too_large_body_is_413(client: TestClient) -> None:
    """A body above the limit is refused, with a declared length or in chunks."""
    headers = {"Content-Type": "image/png"}
    for path in ("/api/predict", "/api/predict/batch"):
        check_error(client.post(path, content=bytes(2**20 + 1), headers=headers), 413, "too_large")
        check_error(
            client.post(path, content=(bytes(2**16) for _ in range(20)), headers=headers), 413, "too_large"
        )


def test_message_gives_the_place_of_a_bad_picture(client: TestClient) -> None:
    """One bad picture refuses the batch, and the message gives its place."""
    good = as_json(PNG)["image"]
    for bad in ("?", as_json(PNG[:60])["image"]):
        response = client.post("/api/predict/batch", json={"images": [good, good, bad]})
        assert "images.2" in check_error(response, 400, "undecodable")
    response = client.post("/api/predict/batch", json={"images": [good, 5]})
    assert "images.1" in check_error(response, 422, "wrong_shape")


def test_unknown_path_is_404(client: TestClient) -> None:
    """A path below /api or /health without a route is not found."""
    for path in ("/api", "/api/nothing", "/health", "/health/nothing"):
        check_error(client.get(path), 404, "not_found")


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
    """A request with another method gets 405 with the allowed methods."""
    response = client.request(method, path)
    check_error(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == allowed


@pytest.mark.slow
def test_page_does_not_respond_for_the_api(server: str) -> None:
    """With the page mounted at /, unknown paths below /api still get the error body of the API."""
    for path in ("/api", "/api/nothing", "/health", "/health/nothing"):
        check_error(httpx2.get(server + path), 404, "not_found")
    check_error(httpx2.get(f"{server}/api/predict"), 405, "method_not_allowed")
    check_error(httpx2.options(f"{server}/api/predict"), 405, "method_not_allowed")
    check_error(httpx2.post(f"{server}/health/live"), 405, "method_not_allowed")


def test_internal_error_is_500_without_internals(
    settings: Settings, digits: Digits, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of the server is a 500 without details, in each protocol; the log has them."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a detail of the code")

    monkeypatch.setattr(Recognizer, "read", fail)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        response = client.post("/api/predict", json={"pixels": [[0]]})
        inference = client.post(INFER, json=make_request(digits.images[:1]))
    assert "detail" not in check_error(response, 500, "internal")
    assert "detail" not in check_inference_error(inference, 500)
    assert caplog.text.count("RuntimeError: a detail of the code") == 2
