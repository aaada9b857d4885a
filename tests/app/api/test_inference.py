"""The Open Inference Protocol: metadata, readiness and inference responses."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.model.release import BUNDLED_RELEASE, Origin
from app.settings import Settings
from tests.app.api.inference import (
    INFER,
    JSON_LENGTH,
    MODEL,
    as_lists,
    check_inference_error,
    check_schema,
    make_binary_request,
    make_request,
    read_outputs,
)
from tests.conftest import Digits

VERSION = hashlib.sha256((BUNDLED_RELEASE / "reader.tflite").read_bytes()).hexdigest()
VERSIONED = f"{MODEL}/versions/{VERSION}"
# Of each output: the data type, the Python type in JSON, and the shape for one image.
OUTPUTS: dict[str, tuple[str, type, list[int]]] = {
    "digit": ("INT64", int, []),
    "confidence": ("FP32", float, []),
    "digit_score": ("FP32", float, []),
    "accepted": ("BOOL", bool, []),
    "probabilities": ("FP32", float, [10]),
}


def _get(client: TestClient, path: str, schema: str) -> Any:
    """Return the JSON at a path, checked against a schema of the specification."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/json"
    check_schema(response.json(), schema)
    return response.json()


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_server_metadata(client: TestClient, path: str) -> None:
    """The server's metadata have its name and its extension."""
    metadata = _get(client, path, "metadata_server_response")
    assert metadata["name"] == "Handwritten digits"
    assert metadata["extensions"] == ["binary_tensor_data"]


@pytest.mark.parametrize("path", [MODEL, VERSIONED])
def test_model_metadata(client: TestClient, path: str) -> None:
    """The model's metadata have its version and its tensors, with -1 for any number of images."""
    metadata = _get(client, path, "metadata_model_response")
    assert metadata["name"] == "digits"
    assert metadata["versions"] == [VERSION] == [client.get("/api/model").json()["sha256"]]
    assert metadata["inputs"] == [{"name": "images", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert metadata["outputs"] == [
        {"name": name, "datatype": datatype, "shape": [-1, *shape]}
        for name, (datatype, _, shape) in OUTPUTS.items()
    ]


def test_ready_while_the_model_is_loaded(settings: Settings) -> None:
    """The server is live all the time; server and model are ready from the start until it stops."""
    app = create_app(settings)
    not_started = TestClient(app)
    ready = {"/v2/health/ready": "ready_server_response"} | {
        f"{path}/ready": "ready_model_response" for path in (MODEL, VERSIONED)
    }
    assert _get(not_started, "/v2/health/live", "live_server_response") == {"live": True}
    for path in ready:
        response = not_started.get(path)
        assert (response.status_code, response.json()["ready"]) == (400, False)
    with TestClient(app) as client:
        for path, schema in ready.items():
            assert _get(client, path, schema)["ready"]
        app.state.stopping = True
        assert {client.get(path).status_code for path in ready} == {400}
        assert client.get("/v2/health/live").status_code == 200


def test_version_of_a_hub_model_is_its_commit(settings: Settings, digits: Digits) -> None:
    """The version is the commit on the Hub; the version of a replaced model is not found."""
    app = create_app(settings)
    commit = "0123456789abcdef" * 2 + "01234567"
    with TestClient(app) as client:
        app.state.service.current.loaded = replace(
            app.state.service.model, origin=Origin("hub", "ann/digits", commit)
        )
        assert _get(client, MODEL, "metadata_model_response")["versions"] == [commit]
        request = make_request(digits.images[:1])
        response = client.post(f"{MODEL}/versions/{commit}/infer", json=request)
        assert response.json()["model_version"] == commit
        assert commit in check_inference_error(client.post(f"{VERSIONED}/infer", json=request), 404)


@pytest.mark.parametrize("path", [INFER, f"{VERSIONED}/infer"])
def test_response_follows_the_specification(client: TestClient, digits: Digits, path: str) -> None:
    """The response has the model, the client's id, and every output with its type and shape."""
    request = make_request(digits.images[:3], id="a request", parameters={"unknown": 1.5})
    check_schema(request, "inference_request")
    response = client.post(path, json=request)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/json"
    content = response.json()
    check_schema(content, "inference_response")
    assert (content["model_name"], content["model_version"]) == ("digits", VERSION)
    assert content["id"] == "a request"
    for output, (name, (datatype, kind, shape)) in zip(content["outputs"], OUTPUTS.items(), strict=True):
        assert output.keys() == {"name", "datatype", "shape", "data"}
        assert (output["name"], output["datatype"], output["shape"]) == (name, datatype, [3, *shape])
        assert len(output["data"]) == np.prod(output["shape"])
        assert {type(element) for element in output["data"]} == {kind}
    del request["id"]
    assert "id" not in client.post(path, json=request).json()


def test_readings_equal_those_of_the_json_api(client: TestClient, digits: Digits) -> None:
    """Each image gets exactly the digit that /api/predict reads in the same pixels."""
    outputs = read_outputs(client.post(INFER, json=make_request(digits.images[:60])))
    for place, image in enumerate(digits.images[:60]):
        request = {"pixels": image.tolist(), "expect": "digit"}
        [digit] = client.post("/api/predict", json=request).json()["digits"]
        assert {name: outputs[name][place].tolist() for name in OUTPUTS} == {
            name: digit[name] for name in OUTPUTS
        }
    assert (outputs["digit"] == digits.labels[:60]).mean() > 0.95


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("datatype", ["UINT8", "FP32"])
def test_every_form_gives_the_same_outputs(
    client: TestClient, digits: Digits, datatype: str, nested: bool
) -> None:
    """UINT8 and FP32, flat or nested, give the same outputs; 255.0 is accepted for 255."""
    expected = read_outputs(client.post(INFER, json=make_request(digits.images[:5])))
    request = make_request(digits.images[:5], datatype=datatype, nested=nested)
    if not nested:
        request["inputs"][0]["data"] = [float(element) for element in request["inputs"][0]["data"]]
    assert as_lists(read_outputs(client.post(INFER, json=request))) == as_lists(expected)


def test_ink_is_never_inverted(client: TestClient, digits: Digits) -> None:
    """An image with more ink than paper is read as given; /api/predict would invert it."""
    negative = 255 - digits.images[:1]
    pixels = {"pixels": negative[0].tolist(), "expect": "digit"}
    assert client.post("/api/predict", json=pixels).json()["digits"][0]["accepted"]
    outputs = read_outputs(client.post(INFER, json=make_request(negative)))
    assert outputs["digit"] >= 0
    assert not outputs["accepted"]


def test_image_without_ink_is_no_digit(client: TestClient, digits: Digits) -> None:
    """An empty or very faint image among others gets digit -1, and 0 in all other outputs."""
    images = np.stack([digits.images[0], np.zeros_like(digits.images[0]), digits.images[0] // 20])
    outputs = read_outputs(client.post(INFER, json=make_request(images)))
    assert outputs["digit"].tolist() == [digits.labels[0], -1, -1]
    for name in ("confidence", "digit_score", "accepted", "probabilities"):
        assert outputs[name][0].any()
        assert not outputs[name][1:].any()


@pytest.mark.parametrize(
    ("requested", "returned"),
    [
        (
            [{"name": "accepted"}, {"name": "digit", "parameters": {"classification": 3}}],
            ["accepted", "digit"],
        ),
        ([], list(OUTPUTS)),
    ],
)
def test_requested_outputs(
    client: TestClient, digits: Digits, requested: list[dict[str, Any]], returned: list[str]
) -> None:
    """The response has the requested outputs in their order, or all outputs if the list is empty."""
    content = client.post(INFER, json=make_request(digits.images[:2], outputs=requested)).json()
    check_schema(content, "inference_response")
    assert [output["name"] for output in content["outputs"]] == returned


@pytest.mark.parametrize(("datatype", "dtype"), [("UINT8", "u1"), ("FP32", "<f4")])
def test_tensors_as_bytes(client: TestClient, digits: Digits, datatype: str, dtype: str) -> None:
    """Images can follow the JSON as bytes, and outputs are sent as bytes on request."""
    images = digits.images[:5]
    expected = read_outputs(client.post(INFER, json=make_request(images)))
    requested: list[dict[str, Any]] = [{"name": name} for name in OUTPUTS]
    requested[1]["parameters"] = {"binary_data": False}
    body, headers = make_binary_request(
        images,
        binary=(images if datatype == "UINT8" else images / 255).astype(dtype).tobytes(),
        datatype=datatype,
        parameters={"binary_data_output": True},
        outputs=requested,
    )
    response = client.post(INFER, content=body, headers=headers)
    assert as_lists(read_outputs(response)) == as_lists(expected)
    assert response.headers["Content-Type"] == "application/octet-stream"
    outputs = json.loads(response.content[: int(response.headers[JSON_LENGTH])])["outputs"]
    assert [output["name"] for output in outputs if "data" in output] == ["confidence"]


def test_openapi_description(client: TestClient) -> None:
    """OpenAPI describes every route, and its example is a valid request whose 1 is read."""
    paths = client.get("/openapi.json").json()["paths"]
    models = [f"{MODEL}{version}" for version in ("", "/versions/{version}")]
    assert {path for path in paths if path.startswith("/v2")} == {
        *("/v2", "/v2/health/live", "/v2/health/ready"),
        *(f"{model}{route}" for model in models for route in ("", "/ready", "/infer")),
    }
    content = paths[INFER]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/octet-stream"}
    [example] = content["application/json"]["schema"]["examples"]
    check_schema(example, "inference_request")
    assert read_outputs(client.post(INFER, json=example))["digit"] == [1]


@pytest.mark.slow
def test_page_does_not_respond_for_the_protocol(server: str) -> None:
    """With the page mounted at /, paths below /v2 get responses of the protocol."""
    check_schema(httpx2.get(f"{server}/v2").json(), "metadata_server_response")
    check_inference_error(httpx2.get(f"{server}/v2/nothing"), 404)
    check_inference_error(httpx2.get(f"{server}/v2/models/letters"), 404)
    check_inference_error(httpx2.get(server + INFER), 405)
    check_inference_error(httpx2.post(server + INFER, content=bytes(17 * 2**20)), 413)
