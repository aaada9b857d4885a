"""Every invalid request of the Open Inference Protocol gets the specified error body, and never a 500."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings
from tests.app.api.inference import (
    INFER,
    JSON_LENGTH,
    MODEL,
    check_inference_error,
    make_binary_request,
    make_request,
)
from tests.conftest import Digits

BLANK = np.zeros((1, 28, 28), np.uint8)
ROW = [0] * 28
FLAT = [0] * 784
LARGE = 10**400


def _changed(**fields: Any) -> dict[str, Any]:
    """Return a request with changed fields in its input; None removes a field."""
    changed = make_request(BLANK)["inputs"][0] | fields
    return {"inputs": [{name: value for name, value in changed.items() if value is not None}]}


def _first(element: Any, datatype: str = "UINT8") -> dict[str, Any]:
    """Return a request with another first element."""
    return _changed(data=[element, *FLAT[1:]], datatype=datatype)


TENSORS: dict[str, dict[str, Any]] = {
    "above 255": _first(256),
    "below 0": _first(-1),
    "far above": _first(LARGE),
    "fraction": _first(0.5),
    "boolean": _first(True),
    "text": _first("0"),
    "null": _first(None),
    "object": _first({}),
    "FP32 above 1": _first(1.001, "FP32"),
    "FP32 below 0": _first(-0.001, "FP32"),
    "boolean as FP32": _first(True, "FP32"),
    "one too few": _changed(data=FLAT[1:]),
    "one too many": _changed(data=[*FLAT, 0]),
    "empty data": _changed(data=[]),
    "no data": _changed(data=None),
    "data is a text": _changed(data="0"),
    "data is an object": _changed(data={}),
    "two dimensions": _changed(data=[FLAT]),
    "four dimensions": _changed(data=[[[[0]] * 28] * 28]),
    "ragged": _changed(data=[[ROW] * 27 + [ROW[1:]]]),
    "flat and nested": _changed(data=[*FLAT[1:], [0]]),
    "nested and flat": _changed(data=[[ROW] * 28, 0]),
    "no images": _changed(shape=[0, 28, 28], data=[]),
    "negative number of images": _changed(shape=[-1, 28, 28]),
    "too many images": _changed(shape=[1001, 28, 28]),
    "far too many images": _changed(shape=[2**70, 28, 28]),
    "other sides": _changed(shape=[1, 32, 32]),
    "shape of two": _changed(shape=[28, 28]),
    "shape of fractions": _changed(shape=[1.5, 28, 28]),
    "shape of booleans": _changed(shape=[True, 28, 28]),
    "shape is a text": _changed(shape="1,28,28"),
    "no shape": _changed(shape=None),
    "another datatype": _changed(datatype="INT8"),
    "no datatype": _changed(datatype=None),
    "another name": _changed(name="image"),
    "no name": _changed(name=None),
    "missing bytes": _changed(data=None, parameters={"binary_data_size": 784}),
    "bytes beside data": _changed(parameters={"binary_data_size": 784}),
    "negative number of bytes": _changed(data=None, parameters={"binary_data_size": -1}),
    "number of bytes is a text": _changed(data=None, parameters={"binary_data_size": "784"}),
    "parameters are a list": _changed(parameters=[]),
}
REQUESTS: dict[str, Any] = {
    "no inputs": {},
    "empty inputs": {"inputs": []},
    "two inputs": {"inputs": make_request(BLANK)["inputs"] * 2},
    "inputs are an object": {"inputs": make_request(BLANK)["inputs"][0]},
    "input is a text": {"inputs": ["images"]},
    "unknown output": make_request(BLANK, outputs=[{"name": "letter"}]),
    "output twice": make_request(BLANK, outputs=[{"name": "digit"}] * 2),
    "output without a name": make_request(BLANK, outputs=[{}]),
    "outputs are texts": make_request(BLANK, outputs=["digit"]),
    "id is a number": make_request(BLANK, id=42),
    "parameters are a list": make_request(BLANK, parameters=[]),
    "binary_data_output is a text": make_request(BLANK, parameters={"binary_data_output": "yes"}),
    "a list": [],
    "null": None,
}


BINARY: dict[str, dict[str, Any]] = {
    "one too few": {"binary": bytes(783)},
    "one too many": {"binary": bytes(785)},
    "fewer than declared": {"binary": bytes(783), "size": 784},
    "more than declared": {"binary": bytes(785), "size": 784},
    "another datatype": {"binary": bytes(784), "datatype": "FP32"},
    "part of an element": {"binary": bytes(3135), "datatype": "FP32"},
    "NaN": {"binary": np.full(784, np.nan, "<f4").tobytes(), "datatype": "FP32"},
    "infinity": {"binary": np.full(784, np.inf, "<f4").tobytes(), "datatype": "FP32"},
    "above 1": {"binary": np.full(784, 1.5, "<f4").tobytes(), "datatype": "FP32"},
}


@pytest.fixture(scope="module")
def small_limit_client() -> Iterator[TestClient]:
    """The real app with a limit of 1,000 pixels."""
    with TestClient(create_app(Settings(ui=False, max_pixels=1000))) as client:
        yield client


@pytest.mark.parametrize("case", TENSORS)
def test_invalid_tensor_is_400(client: TestClient, case: str) -> None:
    """Invalid values, shapes and data types are refused, and the message names the field."""
    message = check_inference_error(client.post(INFER, content=json.dumps(TENSORS[case])))
    assert "inputs" in message


@pytest.mark.parametrize("case", REQUESTS)
def test_invalid_request_is_400(client: TestClient, case: str) -> None:
    """JSON that does not match the protocol's schema, or requests an unknown output, is refused."""
    check_inference_error(client.post(INFER, content=json.dumps(REQUESTS[case])))


def test_message_has_the_place_of_a_bad_element(client: TestClient) -> None:
    """The message has the index of the first bad element."""
    response = client.post(INFER, json=_changed(data=[*FLAT[:-1], 256]))
    assert "data.783" in check_inference_error(response)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("datatype", ["UINT8", "FP32"])
def test_nan_and_infinity_are_400(client: TestClient, value: str, datatype: str) -> None:
    """NaN and infinities are refused."""
    body = json.dumps(_first("@", datatype)).replace('"@"', value)
    assert "data.0" in check_inference_error(client.post(INFER, content=body))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"no JSON", b'{"id": "\xff"}', b'{"id": "\\ud800"}', b"[" * 9999]
)
def test_invalid_json_is_400(client: TestClient, body: bytes) -> None:
    """A body that is not JSON, or is nested too deeply, is refused."""
    assert "JSON" in check_inference_error(client.post(INFER, content=body))


def test_json_of_too_many_values_is_400(small_limit_client: TestClient) -> None:
    """JSON with more values than any valid request is refused before it is parsed."""
    body = b'{"inputs": [' + b"[]," * 500_000 + b"[]]}"
    assert "values" in check_inference_error(small_limit_client.post(INFER, content=body))


def test_too_many_pixels_are_400(small_limit_client: TestClient, digits: Digits) -> None:
    """The limit applies to all images together."""
    post = small_limit_client.post
    assert post(INFER, json=make_request(digits.images[:1])).status_code == 200
    assert "1,000 pixels" in check_inference_error(post(INFER, json=make_request(digits.images[:2])))


def test_too_large_body_is_413(client: TestClient) -> None:
    """A body above the limit is refused, with a declared length or in chunks."""
    assert "1,048,576 bytes" in check_inference_error(client.post(INFER, content=bytes(2**20 + 1)), 413)
    check_inference_error(client.post(INFER, content=(bytes(2**16) for _ in range(20))), 413)


@pytest.mark.parametrize("case", BINARY)
def test_invalid_bytes_are_400(client: TestClient, case: str) -> None:
    """Bytes that do not match the tensor in the JSON are refused."""
    body, headers = make_binary_request(BLANK, **BINARY[case])
    assert "inputs" in check_inference_error(client.post(INFER, content=body, headers=headers))


def test_bytes_without_a_binary_tensor_are_400(client: TestClient) -> None:
    """Bytes after JSON without `binary_data_size` are refused."""
    text = json.dumps(make_request(BLANK)).encode()
    headers = {JSON_LENGTH: str(len(text))}
    check_inference_error(client.post(INFER, content=text + b"xx", headers=headers))


@pytest.mark.parametrize("length", ["-1", "+1", "1.5", "", "x", "1e2", "99999999", "9" * 5000])
def test_invalid_length_of_the_json_is_400(client: TestClient, length: str) -> None:
    """The header must be a whole number, at most the length of the body."""
    body, _ = make_binary_request(BLANK, binary=bytes(784))
    response = client.post(INFER, content=body, headers={JSON_LENGTH: length})
    assert JSON_LENGTH in check_inference_error(response)


def test_compressed_body_is_415(client: TestClient) -> None:
    """A body with a Content-Encoding is refused, and the message names the header."""
    response = client.post(INFER, content=b"x", headers={"Content-Encoding": "gzip"})
    assert "Content-Encoding" in check_inference_error(response, 415)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/nothing"),
        ("GET", "/v2/models"),
        ("GET", "/v2/models/letters"),
        ("GET", "/v2/models/letters/ready"),
        ("GET", "/v2/models/..%2f..%2fetc"),
        ("GET", f"{MODEL}/versions/1"),
        ("GET", f"{MODEL}/versions/1/ready"),
        ("GET", f"{MODEL}/versions"),
        ("GET", f"{MODEL}/config"),
        ("POST", "/v2/models/letters/infer"),
        ("POST", f"{MODEL}/versions/1/infer"),
    ],
)
def test_unknown_path_model_or_version_is_404(client: TestClient, method: str, path: str) -> None:
    """Another model, another version and another path are not found."""
    body = make_request(BLANK) if method == "POST" else None
    check_inference_error(client.request(method, path, json=body), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("GET", INFER, "POST"), ("POST", "/v2", "GET"), ("DELETE", MODEL, "GET")]
)
def test_other_method_is_405(client: TestClient, method: str, path: str, allowed: str) -> None:
    """A request with another method gets 405 with the allowed method."""
    response = client.request(method, path)
    check_inference_error(response, 405)
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize(("method", "path"), [("GET", MODEL), ("POST", INFER)])
def test_503_before_the_model_is_loaded(settings: Settings, method: str, path: str) -> None:
    """Before the start, metadata and inference get 503 with Retry-After."""
    not_started = TestClient(create_app(settings))
    response = not_started.request(method, path, json=make_request(BLANK))
    check_inference_error(response, 503)
    assert int(response.headers["Retry-After"]) > 0


def test_503_when_too_many_requests_wait(
    client: TestClient, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large request gets 503 with Retry-After when too many large ones wait."""
    monkeypatch.setattr("app.service._MAX_LARGE_WAITING", -2)
    response = client.post(INFER, json=make_request(digits.images[:20]))
    check_inference_error(response, 503)
    assert int(response.headers["Retry-After"]) > 0
