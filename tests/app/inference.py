"""Make requests of the Open Inference Protocol, and check responses against its specification."""

import json
from typing import Any

import httpx2
import jsonschema
import numpy as np
from numpy.typing import NDArray

from tests.app.errors import check_message
from tests.pictures import Pixels

MODEL = "/v2/models/digits"
INFER = f"{MODEL}/infer"
JSON_LENGTH = "Inference-Header-Content-Length"
DTYPES = {"BOOL": "?", "INT64": "<i8", "FP32": "<f4"}

Headers = dict[str, str]


def _schema(required: str, optional: str = "", **fields: Any) -> dict[str, Any]:
    """Return the schema of an object without other fields; `fields` are those that are not strings."""
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
# From kserve/open-inference-protocol, specification/protocol: open_inference_rest.yaml, and inference_rest.md
# for readiness. `data` is required there; the extension for binary data omits it.
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


def check_schema(document: Any, schema: str) -> None:
    """Check a document against a schema of the specification."""
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": SCHEMAS}).validate(document)


def check_inference_error(response: httpx2.Response, status: int = 400) -> str:
    """Check an error response of the protocol and return its message."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/json"
    check_schema(response.json(), "inference_error_response")
    message = check_message(response.json()["error"])
    assert len(message) < 200
    return message


def make_request(
    images: Pixels, *, datatype: str = "UINT8", nested: bool = False, **fields: Any
) -> dict[str, Any]:
    """Return a request for images, uint8 (n, 28, 28), with `fields` beside `inputs`."""
    values: NDArray[Any] = images if datatype == "UINT8" else (images / 255).astype(np.float32)
    data = (values if nested else values.ravel()).tolist()
    tensor = {"name": "images", "shape": list(images.shape), "datatype": datatype, "data": data}
    return {"inputs": [tensor], **fields}


def make_binary_request(
    images: Pixels, *, binary: bytes, size: int | None = None, **fields: Any
) -> tuple[bytes, Headers]:
    """Return body and headers of a request whose tensor follows the JSON as bytes.

    Args:
        images: uint8 (n, 28, 28).
        binary: the bytes after the JSON.
        size: `binary_data_size`, if not the number of those bytes.
        fields: as in `make_request`.
    """
    request = make_request(images, **fields)
    del request["inputs"][0]["data"]
    request["inputs"][0]["parameters"] = {"binary_data_size": len(binary) if size is None else size}
    text = json.dumps(request).encode()
    return text + binary, {JSON_LENGTH: str(len(text))}


def read_outputs(response: httpx2.Response) -> dict[str, NDArray[Any]]:
    """Return the outputs of an inference response by name, sent as JSON or as bytes."""
    assert response.status_code == 200, response.text
    text = response.content[: int(response.headers.get(JSON_LENGTH, len(response.content)))]
    binary = response.content[len(text) :]
    outputs = {}
    for output in json.loads(text)["outputs"]:
        dtype = np.dtype(DTYPES[output["datatype"]])
        if "data" in output:
            values = np.array(output["data"], dtype)
        else:
            size = output["parameters"]["binary_data_size"]
            values, binary = np.frombuffer(binary[:size], dtype), binary[size:]
        outputs[output["name"]] = values.reshape(output["shape"])
    assert not binary
    return outputs


def as_lists(outputs: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Return outputs as lists, which can be compared."""
    return {name: values.tolist() for name, values in outputs.items()}
