"""Make requests of the Open Inference Protocol, and check responses against its specification."""

import json
from typing import Any

import httpx2
import jsonschema
import numpy as np
from numpy.typing import NDArray

from tests.app.api.errors import check_message
from tests.pictures import Pixels

MODEL = "/v2/models/digits"
INFER = f"{MODEL}/infer"
JSON_LENGTH = "Inference-Header-Content-Length"
DTYPES = {"BOOL": "?", "INT64": "<i8", "FP32": "<f4"}

Headers = dict[str, str]


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_REF, _STRING, _BOOLEAN = "#/$defs/", {"type": "string"}, {"type": "boolean"}
_DATA = {"$ref": f"{_REF}tensor_data"}
_FIELDS: dict[str, dict[str, Any]] = {  # all others are strings
    "live": _BOOLEAN,
    "ready": _BOOLEAN,
    "extensions": _array(_STRING),
    "versions": _array(_STRING),
    "shape": _array({"type": "integer"}),
    "parameters": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    "data": _DATA,
}


def _object(required: str, optional: str = "", **lists: str) -> dict[str, Any]:
    """Return the schema of an object without other fields.

    Args:
        required: names of fields.
        optional: names of fields.
        lists: names of fields that are lists, with the schema of their elements.
    """
    fields = _FIELDS | {name: _array({"$ref": _REF + schema}) for name, schema in lists.items()}
    names = [*required.split(), *optional.split()]
    return {
        "type": "object",
        "properties": {name: fields.get(name, _STRING) for name in names},
        "required": required.split(),
        "additionalProperties": False,
    }


# From kserve/open-inference-protocol, specification/protocol: open_inference_rest.yaml, and inference_rest.md
# for readiness. `data` is required there; the extension for binary data omits it.
SCHEMAS: dict[str, Any] = {
    "ready_server_response": {"type": "object", "required": ["live"]},
    "live_server_response": _object("live"),
    "ready_model_response": _object("name ready"),
    "metadata_server_response": _object("name version extensions"),
    "metadata_model_response": _object(
        "name platform", "versions inputs outputs", inputs="metadata_tensor", outputs="metadata_tensor"
    ),
    "metadata_tensor": _object("name datatype shape"),
    "tensor_data": _array({"anyOf": [_DATA, {"type": ["number", "string", "boolean"]}]}),
    "inference_request": _object(
        "inputs", "id parameters outputs", inputs="request_input", outputs="request_output"
    ),
    "request_input": _object("name shape datatype data", "parameters"),
    "request_output": _object("name", "parameters"),
    "inference_response": _object(
        "model_name outputs", "model_version id parameters", outputs="response_output"
    ),
    "response_output": _object("name shape datatype data", "parameters"),
    "inference_error_response": _object("error"),
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
