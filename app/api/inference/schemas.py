"""The JSON and the tensors of the protocol, as far as this model uses them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, WithJsonSchema, field_validator

from app.api.requests import MAX_IMAGES

MODEL: Final = "digits"
INPUT = "images"
SIDE = 28  # pixels of an image
MAX_SMALL_BYTES = 16 * 2**10  # of a request that is quick to read: about four images as JSON, twenty as bytes

_A_ONE: list[JsonValue] = [
    255 if 6 <= place // SIDE < 22 and place % SIDE in (13, 14) else 0 for place in range(SIDE * SIDE)
]
_EXAMPLE: JsonValue = {
    "id": "42",
    "inputs": [{"name": INPUT, "shape": [1, SIDE, SIDE], "datatype": "UINT8", "data": _A_ONE}],
    "outputs": [{"name": "digit"}, {"name": "accepted"}],
}

OutputName = Literal["digit", "confidence", "digit_score", "accepted", "probabilities"]
OutputType = Literal["BOOL", "FP32", "INT64"]
# Little-endian, as the extension for binary data requires.
DTYPES = {"BOOL": "?", "UINT8": "u1", "INT32": "<i4", "INT64": "<i8", "FP32": "<f4", "FP64": "<f8"}
# Of each output: the type of its elements, and their value for an image without ink.
OUTPUTS: dict[OutputName, tuple[OutputType, int | float | bool]] = {
    "digit": ("INT64", -1),
    "confidence": ("FP32", 0.0),
    "digit_score": ("FP32", 0.0),
    "accepted": ("BOOL", False),
    "probabilities": ("FP32", 0.0),
}
_Count = Annotated[int, Field(strict=True, ge=1, le=MAX_IMAGES)]
_Row = Annotated[list[float], Field(min_length=SIDE, max_length=SIDE)]
_Image = Annotated[list[_Row], Field(min_length=SIDE, max_length=SIDE)]
_DATA_SCHEMA = TypeAdapter(list[float] | list[_Image] | None).json_schema()
_Data = Annotated[list[Any] | None, WithJsonSchema(_DATA_SCHEMA)]  # a million elements: NumPy checks them


# Unknown parameters are ignored, as the protocol requires.
class InputParameters(BaseModel):
    """Parameters of an input."""

    binary_data_size: int | None = Field(None, strict=True, description="Bytes of the tensor after the JSON.")


class OutputParameters(BaseModel):
    """Parameters of an output."""

    binary_data: bool | None = Field(None, strict=True, description="Whether to send it as bytes.")


class RequestParameters(BaseModel):
    """Parameters of a request."""

    binary_data_output: bool | None = Field(None, strict=True, description="Default of `binary_data`.")


class RequestInput(BaseModel):
    """The tensor `images`: ink, one digit per image."""

    name: Literal["images"]
    shape: (
        tuple[_Count, Literal[28], Literal[28]]
        | tuple[_Count, Literal[28], Literal[28], Literal[1]]
        | tuple[_Count, Literal[784]]
    ) = Field(description="[n, 28, 28], [n, 28, 28, 1] or [n, 784]")
    datatype: Literal["UINT8", "INT32", "INT64", "FP32", "FP64"] = Field(
        description="Whole numbers: 0 paper to 255 ink, as in MNIST. FP32 and FP64: 0 paper to 1 ink."
    )
    parameters: InputParameters | None = None
    data: _Data = Field(None, description="Row by row, flat or nested.")


class RequestOutput(BaseModel):
    """A requested output."""

    name: OutputName
    parameters: OutputParameters | None = None


class InferRequest(BaseModel):
    """The images to read."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str | None = Field(None, max_length=1000, description="Returned in the response.")
    parameters: RequestParameters | None = None
    inputs: list[RequestInput] = Field(min_length=1, max_length=1)
    outputs: list[RequestOutput] | None = Field(None, max_length=5, description="All of them by default.")

    @field_validator("outputs")
    @classmethod
    def _check_outputs(cls, outputs: list[RequestOutput] | None) -> list[RequestOutput] | None:
        names = [output.name for output in outputs or ()]
        if len(set(names)) < len(names):
            raise ValueError("name each output once")
        return outputs


class ResponseOutput(BaseModel):
    """One output, for all images."""

    name: OutputName
    shape: list[int] = Field(examples=[[1]])
    datatype: OutputType
    parameters: dict[str, int] | None = Field(None, description="`binary_data_size`, when sent as bytes.")
    data: list[bool | int | float] | None = Field(
        None, description="Flat, row by row. An image without ink has digit -1, and 0 in all other outputs."
    )


class InferResponse(BaseModel):
    """The requested outputs."""

    model_name: Literal["digits"] = MODEL
    model_version: str = Field(description="Commit on the Hub, or sha256 of the reader.")
    id: str | None = None
    outputs: list[ResponseOutput]


class ServerMetadata(BaseModel):
    """The server."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """An input or output tensor; -1 stands for any number of images."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """The model."""

    name: Literal["digits"] = MODEL
    versions: list[str] = Field(description="The version that is loaded.")
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ServerLive(BaseModel):
    """The server is running."""

    live: bool


class ServerReady(BaseModel):
    """Whether the model is loaded: `live` in the specification, `ready` in KServe's documentation."""

    live: bool
    ready: bool


class ModelReady(BaseModel):
    """Whether the model is loaded."""

    name: Literal["digits"] = MODEL
    ready: bool


class InferenceError(BaseModel):
    """The response to a request that failed."""

    error: str


def inline_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of `model` without references, for a body that FastAPI does not parse."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs")

    def inline(part: Any) -> Any:
        match part:
            case {"$ref": str(reference)}:
                return inline(parts[reference.rpartition("/")[2]])
            case dict():
                return {key: inline(each) for key, each in part.items()}
            case list():
                return [inline(each) for each in part]
        return part

    return {key: inline(each) for key, each in schema.items()}
