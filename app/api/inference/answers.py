"""From the digits that were read to the protocol's answers."""

from collections.abc import Sequence

from fastapi import Response

from app.api.inference.questions import Question
from app.api.inference.schemas import (
    INPUT,
    SIDE,
    InferResponse,
    ModelMetadata,
    ResponseOutput,
    TensorMetadata,
)
from app.api.inference.tensors import OUTPUTS, stack
from app.api.loaded import Loaded
from app.recognition.reading import Digit

JSON_LENGTH = "Inference-Header-Content-Length"
BINARY_TYPE = "application/octet-stream"
_PLATFORM = "litert_tflite"  # <project>_<format>, as the specification forms them


def find_version(loaded: Loaded) -> str:
    """Return the version of the model that is loaded: its commit on the Hub, or the sha256 of its reader."""
    return loaded.origin.commit or loaded.release.reader_sha256


def describe_model(loaded: Loaded) -> ModelMetadata:
    """Return what the model takes and gives. FP32 images, which it takes as well, have no place here."""
    return ModelMetadata(
        versions=[find_version(loaded)],
        platform=_PLATFORM,
        inputs=[TensorMetadata(name=INPUT, datatype="UINT8", shape=[-1, SIDE, SIDE])],
        outputs=[
            TensorMetadata(name=name, datatype=datatype, shape=[-1, *shape])
            for name, (datatype, shape) in OUTPUTS.items()
        ],
    )


def answer_question(question: Question, digits: Sequence[Digit], *, version: str) -> Response:
    """Return the outputs that were asked for, as JSON and, where it was asked for, as bytes after it."""
    outputs, binary = [], []
    for name, as_bytes in question.outputs.items():
        values = stack(digits, name)
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
    answer = InferResponse(model_version=version, id=question.id, outputs=outputs)
    text = answer.model_dump_json(exclude_none=True).encode()
    if not binary:
        return Response(text, media_type="application/json")
    return Response(b"".join([text, *binary]), media_type=BINARY_TYPE, headers={JSON_LENGTH: str(len(text))})
