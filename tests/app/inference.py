"""Requests of the Open Inference Protocol, its answers, and the specification's own schemas of both."""

import json
from typing import Any

import httpx2
import jsonschema
import numpy as np
from numpy.typing import NDArray

from tests.pictures import Pixels

MODEL = "/v2/models/digits"
INFER = f"{MODEL}/infer"
JSON_LENGTH = "Inference-Header-Content-Length"
DTYPES = {"BOOL": "?", "INT64": "<i8", "FP32": "<f4"}

Headers = dict[str, str]


def _schema(required: str, optional: str = "", **fields: Any) -> dict[str, Any]:
    """Return the schema of an object of texts, but for `fields`; it has no others than those named."""
    names = [*required.split(), *optional.split()]
    properties = {name: fields.get(name, {"type": "string"}) for name in names}
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{of}"}}


_SHAPE = {"type": "array", "items": {"type": "integer"}}
_PARAMETERS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
_DATA = {"$ref": "#/$defs/tensor_data"}
# Of kserve/open-inference-protocol, specification/protocol: open_inference_rest.yaml, inference_rest.md for
# what is ready. `data` is required there; the extension for binary data leaves it out.
SCHEMAS: dict[str, Any] = {
    "ready_server_response": {"type": "object", "required": ["live"]},
    "live_server_response": _schema("live", live={"type": "boolean"}),
    "ready_model_response": _schema("name ready", ready={"type": "boolean"}),
    "metadata_server_response": _schema(
        "name version extensions", extensions={"type": "array", "items": {"type": "string"}}
    ),
    "metadata_model_response": _schema(
        "name platform",
        "versions inputs outputs",
        versions={"type": "array", "items": {"type": "string"}},
        inputs=_list("metadata_tensor"),
        outputs=_list("metadata_tensor"),
    ),
    "metadata_tensor": _schema("name datatype shape", shape=_SHAPE),
    "tensor_data": {
        "type": "array",
        "items": {"anyOf": [_DATA, {"type": "number"}, {"type": "string"}, {"type": "boolean"}]},
    },
    "inference_request": _schema(
        "inputs",
        "id parameters outputs",
        parameters=_PARAMETERS,
        inputs=_list("request_input"),
        outputs=_list("request_output"),
    ),
    "request_input": _schema(
        "name shape datatype data", "parameters", shape=_SHAPE, parameters=_PARAMETERS, data=_DATA
    ),
    "request_output": _schema("name", "parameters", parameters=_PARAMETERS),
    "inference_response": _schema(
        "model_name outputs",
        "model_version id parameters",
        parameters=_PARAMETERS,
        outputs=_list("response_output"),
    ),
    "response_output": _schema(
        "name shape datatype data", "parameters", shape=_SHAPE, parameters=_PARAMETERS, data=_DATA
    ),
    "inference_error_response": _schema("error"),
}


def check(document: Any, schema: str) -> None:
    """Check a document against a schema of the specification."""
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": SCHEMAS}).validate(document)


def check_error(answer: httpx2.Response, status: int = 400) -> str:
    """Check the whole shape of an error answer and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    check(answer.json(), "inference_error_response")
    message = str(answer.json()["error"])
    assert 5 < len(message) < 200
    assert not any(secret in message for secret in ("Traceback", "/app/", "0x", "numpy", "InferRequest"))
    return message


def ask(images: Pixels, *, datatype: str = "UINT8", nested: bool = False, **fields: Any) -> dict[str, Any]:
    """Return a request for images, uint8 (n, 28, 28); `fields` are those beside `inputs`."""
    values: NDArray[Any] = images if datatype == "UINT8" else (images / 255).astype(np.float32)
    data = (values if nested else values.ravel()).tolist()
    tensor = {"name": "images", "shape": list(images.shape), "datatype": datatype, "data": data}
    return {"inputs": [tensor], **fields}


def with_bytes(
    images: Pixels, *, binary: bytes, size: int | None = None, **fields: Any
) -> tuple[bytes, Headers]:
    """Return body and headers of a request for images whose tensor is the bytes behind the JSON.

    Args:
        images: uint8 (n, 28, 28).
        binary: the bytes.
        size: how many the JSON says there are, if not as many as there are.
        fields: as `ask` takes them.
    """
    request = ask(images, **fields)
    del request["inputs"][0]["data"]
    request["inputs"][0]["parameters"] = {"binary_data_size": len(binary) if size is None else size}
    text = json.dumps(request).encode()
    return text + binary, {JSON_LENGTH: str(len(text))}


def read_outputs(answer: httpx2.Response) -> dict[str, NDArray[Any]]:
    """Check an answer to `infer`, and return its outputs by name, whether they come as JSON or as bytes."""
    assert answer.status_code == 200, answer.text
    text = answer.content[: int(answer.headers.get(JSON_LENGTH, len(answer.content)))]
    binary = answer.content[len(text) :]
    content = json.loads(text)
    outputs = {}
    for output in content["outputs"]:
        dtype = np.dtype(DTYPES[output["datatype"]])
        if "data" in output:
            values = np.array(output["data"], dtype)
        else:
            size = output["parameters"]["binary_data_size"]
            values, binary = np.frombuffer(binary[:size], dtype), binary[size:]
        outputs[output["name"]] = values.reshape(output["shape"])
    assert not binary
    return outputs
