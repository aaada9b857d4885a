"""From readings to the responses of the Open Inference Protocol."""

from collections.abc import Sequence

import numpy as np
from fastapi import Response
from numpy.typing import NDArray

from app.api.inference.requests import Inference
from app.api.inference.schemas import (
    DTYPES,
    INPUT,
    OUTPUTS,
    SIDE,
    InferResponse,
    ModelMetadata,
    OutputName,
    ResponseOutput,
    TensorMetadata,
)
from app.model.loading import LoadedModel
from app.recognition.reading import Reading

JSON_LENGTH = "Inference-Header-Content-Length"
BINARY_TYPE = "application/octet-stream"
_PLATFORM = "litert_tflite"  # <project>_<format>, as the specification forms them


def find_version(model: LoadedModel) -> str:
    """Return the version of a model: its commit on the Hub, or the sha256 of its reader."""
    return model.origin.commit or model.release.reader_sha256


def describe_model(model: LoadedModel) -> ModelMetadata:
    """Return inputs and outputs of a model. The format has no place for FP32 images."""
    return ModelMetadata(
        versions=[find_version(model)],
        platform=_PLATFORM,
        inputs=[TensorMetadata(name=INPUT, datatype="UINT8", shape=[-1, SIDE, SIDE])],
        outputs=[
            TensorMetadata(name=name, datatype=datatype, shape=[-1, *_find_shape(name, model)])
            for name, (datatype, _) in OUTPUTS.items()
        ],
    )


def make_response(inference: Inference, readings: Sequence[Reading], *, model: LoadedModel) -> Response:
    """Return the requested outputs, as JSON or as bytes after the JSON."""
    outputs, binary = [], []
    for name, as_bytes in inference.outputs.items():
        values = _stack(readings, name, shape=_find_shape(name, model))
        if as_bytes:
            binary.append(values.tobytes())
        outputs.append(
            ResponseOutput(
                name=name,
                shape=list(values.shape),
                datatype=OUTPUTS[name][0],
                parameters={"binary_data_size": values.nbytes} if as_bytes else None,
                data=None if as_bytes else values.ravel().tolist(),
            )
        )
    response = InferResponse(model_version=find_version(model), id=inference.id, outputs=outputs)
    text = response.model_dump_json(exclude_none=True).encode()
    if not binary:
        return Response(text, media_type="application/json")
    return Response(b"".join([text, *binary]), media_type=BINARY_TYPE, headers={JSON_LENGTH: str(len(text))})


def _find_shape(name: OutputName, model: LoadedModel) -> tuple[int, ...]:
    """Return the shape of an output for one image."""
    return (len(model.release.labels),) if name == "probabilities" else ()


def _stack(readings: Sequence[Reading], name: OutputName, *, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """Return one output, (n, ...), of n readings of one digit or none."""
    datatype, without_ink = OUTPUTS[name]
    values = np.full((len(readings), *shape), without_ink, DTYPES[datatype])
    for place, reading in enumerate(readings):
        if reading.digits:
            values[place] = getattr(reading.digits[0], name)
    return values
