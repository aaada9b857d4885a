"""The Open Inference Protocol: the shape of its answers, and what they say."""

import hashlib
import json
from dataclasses import replace
from threading import Thread
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.model.release import BUNDLED_RELEASE, Origin
from app.settings import Settings
from tests.app.inference import INFER, JSON_LENGTH, MODEL, ask, check, check_error, read_outputs, with_bytes
from tests.conftest import Digits

VERSION = hashlib.sha256((BUNDLED_RELEASE / "reader.tflite").read_bytes()).hexdigest()
VERSIONED = f"{MODEL}/versions/{VERSION}"
OUTPUTS = {
    "digit": ("INT64", []),
    "confidence": ("FP32", []),
    "digit_score": ("FP32", []),
    "accepted": ("BOOL", []),
    "probabilities": ("FP32", [10]),
}


def _get(client: TestClient, path: str, schema: str) -> Any:
    """Return what is at a path, checked against a schema of the specification."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    check(answer.json(), schema)
    return answer.json()


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_server_says_what_it_is(client: TestClient, path: str) -> None:
    """The server's metadata name it and the extension that it has."""
    metadata = _get(client, path, "metadata_server_response")
    assert metadata["name"] == "Handwritten digits"
    assert metadata["extensions"] == ["binary_tensor_data"]


@pytest.mark.parametrize("path", [MODEL, VERSIONED])
def test_model_says_what_it_takes_and_gives(client: TestClient, path: str) -> None:
    """The model's metadata name its version and tensors, -1 standing for any number of images."""
    metadata = _get(client, path, "metadata_model_response")
    assert metadata["name"] == "digits"
    assert metadata["versions"] == [VERSION] == [client.get("/api/model").json()["sha256"]]
    assert metadata["inputs"] == [{"name": "images", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert metadata["outputs"] == [
        {"name": name, "datatype": datatype, "shape": [-1, *shape]}
        for name, (datatype, shape) in OUTPUTS.items()
    ]


def test_ready_only_while_the_model_is_loaded(settings: Settings) -> None:
    """The server lives all the time; it and the model are ready between start and stop only."""
    app = create_app(settings)
    outside = TestClient(app)  # does not start the app
    ready = {"/v2/health/ready": "ready_server_response"} | {
        f"{path}/ready": "ready_model_response" for path in (MODEL, VERSIONED)
    }
    assert _get(outside, "/v2/health/live", "live_server_response") == {"live": True}
    for path in ready:
        answer = outside.get(path)
        assert (answer.status_code, answer.json()["ready"]) == (400, False)
    with TestClient(app) as client:
        for path, schema in ready.items():
            assert _get(client, path, schema)["ready"]
        app.state.stopping = True
        assert {client.get(path).status_code for path in ready} == {400}
        assert client.get("/v2/health/live").status_code == 200


def test_model_of_the_hub_has_its_commit_for_a_version(settings: Settings, digits: Digits) -> None:
    """The version is the commit, and that of a model which was replaced does not answer any more."""
    app = create_app(settings)
    commit = "0123456789abcdef" * 2 + "01234567"
    with TestClient(app) as client:
        app.state.service.current.loaded = replace(
            app.state.service.model, origin=Origin("hub", "ann/digits", commit)
        )
        assert _get(client, MODEL, "metadata_model_response")["versions"] == [commit]
        request = ask(digits.images[:1])
        answer = client.post(f"{MODEL}/versions/{commit}/infer", json=request)
        assert answer.json()["model_version"] == commit
        assert commit in check_error(client.post(f"{VERSIONED}/infer", json=request), 404)


@pytest.mark.parametrize("path", [INFER, f"{VERSIONED}/infer"])
def test_answer_has_the_shape_of_the_specification(client: TestClient, digits: Digits, path: str) -> None:
    """The answer names the model and has every output, with as many elements as its shape says."""
    request = ask(digits.images[:3], id="a request", parameters={"unknown": 1.5})
    check(request, "inference_request")
    answer = client.post(path, json=request)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    check(answer.json(), "inference_response")
    assert answer.json()["model_name"] == "digits"
    assert answer.json()["model_version"] == VERSION
    assert answer.json()["id"] == "a request"
    for output, (name, (datatype, shape)) in zip(answer.json()["outputs"], OUTPUTS.items(), strict=True):
        assert output.keys() == {"name", "datatype", "shape", "data"}
        assert (output["name"], output["datatype"], output["shape"]) == (name, datatype, [3, *shape])
        assert len(output["data"]) == np.prod(output["shape"])
        kind = {"INT64": int, "FP32": float, "BOOL": bool}[datatype]
        assert {type(element) for element in output["data"]} == {kind}


def test_answer_without_a_name_has_none(client: TestClient, digits: Digits) -> None:
    """What was asked without an id is answered without one."""
    assert "id" not in client.post(INFER, json=ask(digits.images[:1])).json()


def test_images_are_read_as_elsewhere(client: TestClient, digits: Digits) -> None:
    """Each image gets exactly the digit that the rest of the API reads in the same pixels."""
    outputs = read_outputs(client.post(INFER, json=ask(digits.images[:60])))
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
    """Whole numbers and shares of 1, flat or in rows, are read alike."""
    expected = read_outputs(client.post(INFER, json=ask(digits.images[:5])))
    request = ask(digits.images[:5], datatype=datatype, nested=nested)
    outputs = read_outputs(client.post(INFER, json=request))
    assert {name: values.tolist() for name, values in outputs.items()} == {
        name: values.tolist() for name, values in expected.items()
    }


def test_whole_number_may_be_written_with_a_point(client: TestClient, digits: Digits) -> None:
    """A client that knows only floating-point numbers is understood: 255.0 is 255."""
    request = ask(digits.images[:1])
    request["inputs"][0]["data"] = [float(element) for element in request["inputs"][0]["data"]]
    assert read_outputs(client.post(INFER, json=request))["digit"] == digits.labels[:1]


def test_ink_is_ink_however_much_there_is(client: TestClient, digits: Digits) -> None:
    """A digit on a ground of ink is not turned around, as a picture would be."""
    negative = ask(255 - digits.images[:1])
    outputs = read_outputs(client.post(INFER, json=negative))
    as_picture = {"pixels": (255 - digits.images[0]).tolist(), "expect": "digit"}
    assert client.post("/api/predict", json=as_picture).json()["digits"][0]["accepted"]
    assert outputs["digit"] >= 0
    assert not outputs["accepted"]


def test_image_without_ink_is_no_digit(client: TestClient, digits: Digits) -> None:
    """An empty image among others is answered -1 and 0; what is too faint to have been drawn is empty."""
    images = np.stack([digits.images[0], np.zeros_like(digits.images[0]), digits.images[0] // 20])
    outputs = read_outputs(client.post(INFER, json=ask(images)))
    assert outputs["digit"].tolist() == [digits.labels[0], -1, -1]
    for name in ("confidence", "digit_score", "accepted", "probabilities"):
        assert outputs[name][0].any()
        assert not outputs[name][1:].any()


def test_outputs_are_those_asked_for(client: TestClient, digits: Digits) -> None:
    """Only the outputs that are named come, in the order of their names; an empty list asks for all."""
    chosen = [{"name": "accepted"}, {"name": "digit", "parameters": {"classification": 3}}]
    answer = client.post(INFER, json=ask(digits.images[:2], outputs=chosen))
    check(answer.json(), "inference_response")
    assert [output["name"] for output in answer.json()["outputs"]] == ["accepted", "digit"]
    answer = client.post(INFER, json=ask(digits.images[:2], outputs=[]))
    assert [output["name"] for output in answer.json()["outputs"]] == list(OUTPUTS)


@pytest.mark.parametrize(("datatype", "dtype"), [("UINT8", "u1"), ("FP32", "<f4")])
def test_tensors_may_be_bytes(client: TestClient, digits: Digits, datatype: str, dtype: str) -> None:
    """Images as bytes behind the JSON are read alike, and outputs come as bytes where that is asked for."""
    images = digits.images[:5]
    expected = read_outputs(client.post(INFER, json=ask(images)))
    binary = (images if datatype == "UINT8" else images / 255).astype(dtype).tobytes()
    wanted: list[dict[str, Any]] = [{"name": name} for name in OUTPUTS]
    wanted[1]["parameters"] = {"binary_data": False}
    body, headers = with_bytes(
        images,
        binary=binary,
        datatype=datatype,
        parameters={"binary_data_output": True},
        outputs=wanted,
    )
    answer = client.post(INFER, content=body, headers=headers)
    outputs = read_outputs(answer)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    described = json.loads(answer.content[: int(answer.headers[JSON_LENGTH])])["outputs"]
    assert [output["name"] for output in described if "data" in output] == ["confidence"]
    assert {name: values.tolist() for name, values in outputs.items()} == {
        name: values.tolist() for name, values in expected.items()
    }


def test_example_in_the_documentation_works(client: TestClient) -> None:
    """The documented example is a request of the specification, and the 1 in it is read."""
    paths = client.get("/openapi.json").json()["paths"]
    documented = {path for path in paths if path.startswith("/v2")}
    assert documented == {
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
        *(
            f"{MODEL}{version}{route}"
            for version in ("", "/versions/{version}")
            for route in ("", "/ready", "/infer")
        ),
    }
    content = paths[INFER]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/octet-stream"}
    [example] = content["application/json"]["schema"]["examples"]
    check(example, "inference_request")
    assert read_outputs(client.post(INFER, json=example))["digit"] == [1]


def test_many_images_do_not_keep_others_waiting(server: str, digits: Digits) -> None:
    """While a thousand images are read by the real server, with its page, single ones are answered."""
    images = digits.images[:1000]
    body, headers = with_bytes(images, binary=images.tobytes())
    read = []

    def send_many() -> None:
        answer = httpx2.post(server + INFER, content=body, headers=headers, timeout=60)
        read.append(read_outputs(answer)["digit"])

    one, answered = ask(images[:1]), 0
    with httpx2.Client(base_url=server, timeout=60) as wire:
        wire.post(INFER, json=one)
        thread = Thread(target=send_many)
        thread.start()
        while thread.is_alive():
            assert read_outputs(wire.post(INFER, json=one))["digit"] == digits.labels[:1]
            answered += not read
        thread.join()
    assert (read[0] == digits.labels[:1000]).mean() > 0.98
    assert answered >= 25  # ten or so while the thousand are on their way


def test_page_does_not_answer_for_the_protocol(server: str) -> None:
    """The page of the real server, which is mounted at /, is not what is found under /v2."""
    check(httpx2.get(f"{server}/v2").json(), "metadata_server_response")
    check_error(httpx2.get(f"{server}/v2/nothing"), 404)
    check_error(httpx2.get(f"{server}/v2/models/letters"), 404)
    check_error(httpx2.get(server + INFER), 405)
    check_error(httpx2.post(server + INFER, content=bytes(17 * 2**20)), 413)
