"""Every fault of a request of the Open Inference Protocol gets the specification's error, and never a 500."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.recognition.recognizer import Recognizer
from app.settings import Settings
from tests.app.inference import INFER, JSON_LENGTH, MODEL, ask, check_error, with_bytes
from tests.conftest import Digits

BLANK = np.zeros((1, 28, 28), np.uint8)
ROW = [0] * 28
FLAT = [0] * 784
LARGE = 10**400


def _changed(**fields: Any) -> dict[str, Any]:
    """Return a request whose input has other fields; None leaves one out."""
    request = ask(BLANK)
    changed = request["inputs"][0] | fields
    return {"inputs": [{name: value for name, value in changed.items() if value is not None}]}


def _first(element: Any, datatype: str = "UINT8") -> dict[str, Any]:
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
    "share above 1": _first(1.001, "FP32"),
    "share below 0": _first(-0.001, "FP32"),
    "share far above": _first(LARGE, "FP32"),
    "boolean share": _first(True, "FP32"),
    "one too few": _changed(data=FLAT[1:]),
    "one too many": _changed(data=[*FLAT, 0]),
    "nothing": _changed(data=[]),
    "no data": _changed(data=None),
    "data is a text": _changed(data="0"),
    "data is an object": _changed(data={}),
    "two dimensions": _changed(data=[FLAT]),
    "four dimensions": _changed(data=[[[[0]] * 28] * 28]),
    "ragged": _changed(data=[[ROW] * 27 + [ROW[1:]]]),
    "flat and nested": _changed(data=[*FLAT[1:], [0]]),
    "nested and flat": _changed(data=[[ROW] * 28, 0]),
    "an image too many": _changed(data=[[ROW] * 28] * 2),
    "no images": _changed(shape=[0, 28, 28], data=[]),
    "fewer than none": _changed(shape=[-1, 28, 28]),
    "too many images": _changed(shape=[1001, 28, 28]),
    "far too many images": _changed(shape=[2**70, 28, 28]),
    "other sides": _changed(shape=[1, 32, 32]),
    "another order": _changed(shape=[28, 28, 1]),
    "shape of two": _changed(shape=[28, 28]),
    "shape of four": _changed(shape=[1, 28, 28, 1]),
    "shape of fractions": _changed(shape=[1.5, 28, 28]),
    "shape of booleans": _changed(shape=[True, 28, 28]),
    "shape is a text": _changed(shape="1,28,28"),
    "no shape": _changed(shape=None),
    "another datatype": _changed(datatype="INT8"),
    "datatype in small letters": _changed(datatype="uint8"),
    "no datatype": _changed(datatype=None),
    "another name": _changed(name="image"),
    "no name": _changed(name=None),
    "bytes that are not there": _changed(data=None, parameters={"binary_data_size": 784}),
    "bytes beside data": _changed(parameters={"binary_data_size": 784}),
    "bytes fewer than none": _changed(data=None, parameters={"binary_data_size": -1}),
    "bytes as a text": _changed(data=None, parameters={"binary_data_size": "784"}),
    "parameters are a list": _changed(parameters=[]),
}
REQUESTS: dict[str, Any] = {
    "no inputs": {},
    "empty inputs": {"inputs": []},
    "two inputs": {"inputs": ask(BLANK)["inputs"] * 2},
    "inputs are an object": {"inputs": ask(BLANK)["inputs"][0]},
    "input is a text": {"inputs": ["images"]},
    "unknown output": ask(BLANK, outputs=[{"name": "letter"}]),
    "output twice": ask(BLANK, outputs=[{"name": "digit"}] * 2),
    "output a thousand times": ask(BLANK, outputs=[{"name": "digit"}] * 1000),
    "output without a name": ask(BLANK, outputs=[{}]),
    "outputs are texts": ask(BLANK, outputs=["digit"]),
    "id is a number": ask(BLANK, id=42),
    "parameters are a list": ask(BLANK, parameters=[]),
    "bytes asked for by a text": ask(BLANK, parameters={"binary_data_output": "yes"}),
    "a list": [],
    "a number": 5,
    "null": None,
}


@pytest.fixture(scope="module")
def cramped() -> Iterator[TestClient]:
    """The real app, that takes large bodies, but few pixels."""
    with TestClient(create_app(Settings(ui=False, max_pixels=1000))) as client:
        yield client


@pytest.mark.parametrize("case", TENSORS)
def test_wrong_tensor_is_400(client: TestClient, case: str) -> None:
    """Values, shapes and types that are not those of the model are refused, and the message says where."""
    assert "inputs" in check_error(client.post(INFER, content=json.dumps(TENSORS[case])))


@pytest.mark.parametrize("case", REQUESTS)
def test_wrong_request_is_400(client: TestClient, case: str) -> None:
    """JSON that is no request of the protocol, or asks for what is not there, is refused."""
    check_error(client.post(INFER, content=json.dumps(REQUESTS[case])))


def test_message_names_the_bad_element(client: TestClient) -> None:
    """Who sends one bad element among many is told which."""
    request = _changed(data=[*FLAT[:-1], 256])
    message = check_error(client.post(INFER, json=request))
    assert message == "inputs.0: element 783 is not a whole number from 0 to 255"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("datatype", ["UINT8", "FP32"])
def test_what_is_no_number_is_400(client: TestClient, value: str, datatype: str) -> None:
    """NaN and infinities are no ink."""
    body = json.dumps(_first("@", datatype)).replace('"@"', value)
    assert "element 0" in check_error(client.post(INFER, content=body))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"no JSON", b'{"id": "\xff"}', b'{"id": "\\ud800"}', b"[" * 9999]
)
def test_what_is_no_json_is_400(client: TestClient, body: bytes) -> None:
    """A body that is no JSON is refused, however deep it is."""
    assert "JSON" in check_error(client.post(INFER, content=body))


def test_json_of_too_many_values_is_400(cramped: TestClient) -> None:
    """JSON with more values than any request has is refused before it fills the memory."""
    body = b'{"inputs": [' + b"[]," * 500_000 + b"[]]}"
    assert "values" in check_error(cramped.post(INFER, content=body))


def test_too_many_pixels_are_400(cramped: TestClient, digits: Digits) -> None:
    """The limit of one picture holds for all images together."""
    assert cramped.post(INFER, json=ask(digits.images[:1])).status_code == 200
    assert "1,000 pixels" in check_error(cramped.post(INFER, json=ask(digits.images[:2])))


def test_too_large_a_body_is_413(client: TestClient) -> None:
    """A body above the limit is refused, whether it declares its length or comes in chunks."""

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(2**16)

    assert "1,048,576 bytes" in check_error(client.post(INFER, content=bytes(2**20 + 1)), 413)
    check_error(client.post(INFER, content=chunks()), 413)


BINARY: dict[str, dict[str, Any]] = {
    "one too few": {"binary": bytes(783)},
    "one too many": {"binary": bytes(785)},
    "fewer than said": {"binary": bytes(783), "size": 784},
    "more than said": {"binary": bytes(785), "size": 784},
    "of another type": {"binary": bytes(784), "datatype": "FP32"},
    "part of an element": {"binary": bytes(3135), "datatype": "FP32"},
    "NaN": {"binary": np.full(784, np.nan, "<f4").tobytes(), "datatype": "FP32"},
    "infinity": {"binary": np.full(784, np.inf, "<f4").tobytes(), "datatype": "FP32"},
    "above 1": {"binary": np.full(784, 1.5, "<f4").tobytes(), "datatype": "FP32"},
}


@pytest.mark.parametrize("case", BINARY)
def test_wrong_bytes_are_400(client: TestClient, case: str) -> None:
    """Bytes that are not the tensor that the JSON describes are refused."""
    body, headers = with_bytes(BLANK, **BINARY[case])
    assert "inputs" in check_error(client.post(INFER, content=body, headers=headers))


@pytest.mark.parametrize("length", ["-1", "+1", "1.5", "", "x", "1e2", "99999999", "9" * 5000])
def test_wrong_length_of_the_json_is_400(client: TestClient, length: str) -> None:
    """The header must be a number of bytes that the body has."""
    body, _ = with_bytes(BLANK, binary=bytes(784))
    assert JSON_LENGTH in check_error(client.post(INFER, content=body, headers={JSON_LENGTH: length}))


def test_compressed_body_is_415(client: TestClient) -> None:
    """A body that is said to be compressed is refused for it, not for what it seems to hold."""
    answer = client.post(INFER, content=b"x", headers={"Content-Encoding": "gzip"})
    assert "Content-Encoding" in check_error(answer, 415)


def test_bytes_are_refused_when_json_is_all_there_is(client: TestClient, digits: Digits) -> None:
    """Bytes behind JSON that speaks of none are refused."""
    text = json.dumps(ask(digits.images[:1])).encode()
    check_error(client.post(INFER, content=text + b"xx", headers={JSON_LENGTH: str(len(text))}))


@pytest.mark.parametrize(
    "path",
    [
        "/v2/nothing",
        "/v2/models",
        "/v2/models/letters",
        "/v2/models/letters/ready",
        "/v2/models/..%2f..%2fetc",
        f"{MODEL}/versions/1",
        f"{MODEL}/versions/1/ready",
        f"{MODEL}/versions",
        f"{MODEL}/config",
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    """Another model, another version and another path are not found."""
    check_error(client.get(path), 404)


@pytest.mark.parametrize("path", ["/v2/models/letters/infer", f"{MODEL}/versions/1/infer"])
def test_other_model_or_version_does_not_answer(client: TestClient, path: str) -> None:
    """Only the model that is loaded, in its own version, reads images."""
    check_error(client.post(path, json=ask(BLANK)), 404)


@pytest.mark.parametrize(("method", "path"), [("GET", INFER), ("POST", "/v2"), ("DELETE", MODEL)])
def test_other_method_is_405(client: TestClient, method: str, path: str) -> None:
    """A route asked with another method says which it takes."""
    answer = client.request(method, path)
    check_error(answer, 405)
    assert answer.headers["Allow"] == ("POST" if path == INFER else "GET")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_before_the_model_is_loaded_it_may_be_tried_again(settings: Settings, method: str) -> None:
    """Nothing can be said or read before the start, and the answer says when to try again."""
    outside = TestClient(create_app(settings))
    answer = outside.get(MODEL) if method == "GET" else outside.post(INFER, json=ask(BLANK))
    check_error(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_busy_server_may_be_tried_again(
    client: TestClient, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes when too much is waiting already is told so, and when to try again."""
    monkeypatch.setattr("app.service._MAX_LARGE_WAITING", -2)
    answer = client.post(INFER, json=ask(digits.images[:20]))
    assert "try again" in check_error(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_fault_of_the_server_is_told_without_internals(
    settings: Settings, digits: Digits, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake in the server's own code is a 500 that says nothing of the code; the log says it."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the code")

    monkeypatch.setattr(Recognizer, "read", fail)
    with TestClient(create_app(settings)) as client:
        answer = client.post(INFER, json=ask(digits.images[:1]))
    assert "secret" not in check_error(answer, 500)
    assert "a secret of the code" in caplog.text
