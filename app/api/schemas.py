"""The JSON that requests and answers are made of, with the examples that the documentation shows."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from app.recognition.reading import Expect

MAX_IMAGES = 1000  # in one batch
MAX_INDEX = 9999  # of a digit in one picture; regions.py finds fewer

# A 16x16 picture of a 1, dark on light.
EXAMPLE_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAIUlEQVR42mP8z4AKmBiIFWBkRBVgRFfxnwxDqSrASLrn"
    "AAd0Ax+6/PO8AAAAAElFTkSuQmCC"
)
_PROBABILITIES = (0.0, 0.998, 0.0, 0.0, 0.001, 0.0, 0.0, 0.001, 0.0, 0.0)

Base64Picture = Annotated[
    str, Field(description="A PNG, JPEG or WebP in base64, plain or as a data: URL.", examples=[EXAMPLE_PNG])
]
ExpectField = Annotated[
    Expect | None,
    Field(
        description="`digit`: the whole picture is one digit. `number`: read digits left to right, line by "
        "line. `auto` (default): decide."
    ),
]
ExpectQuery = Annotated[
    Expect | None, Query(description="For a picture as the body; JSON has its own `expect`.")
]
Grey = Annotated[int, Field(strict=True, ge=0, le=255)]
_NOT_EMPTY: dict[str, JsonValue] = {"minItems": 1}  # only described: the check below says it better
# They fail at the first fault: a large array must not give a million of them.
_Row = Annotated[list[Grey], Field(fail_fast=True, json_schema_extra=_NOT_EMPTY)]
Frame = tuple[tuple[float, ...], ...]
Pixels = Annotated[list[_Row], Field(fail_fast=True, json_schema_extra=_NOT_EMPTY)]

# Either of them, as the description has it.
_ONE_PICTURE: list[JsonValue] = [
    {
        "required": [given],
        "properties": {given: {"not": {"type": "null"}}, other: {"type": "null"}},
    }
    for given, other in (("image", "pixels"), ("pixels", "image"))
]


class PredictRequest(BaseModel):
    """One picture: either `image` or `pixels`. Dark on light and light on dark are both understood."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"image": EXAMPLE_PNG, "expect": "digit"}],
            "oneOf": _ONE_PICTURE,
        },
    )

    image: Base64Picture | None = None
    pixels: Annotated[
        Pixels | None,
        Field(description="Rows of grey values, 0 black to 255 white.", examples=[None]),
    ] = None
    expect: ExpectField = None

    @model_validator(mode="after")
    def _check(self) -> "PredictRequest":
        if (self.image is None) == (self.pixels is None):
            raise ValueError("give either image or pixels")
        if self.pixels is not None:
            widths = {len(row) for row in self.pixels}
            if len(widths) != 1 or 0 in widths:
                raise ValueError("pixels: give one or more rows of the same length, at least 1")
        return self


class ExplainRequest(PredictRequest):
    """One picture, and which of its digits to explain."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"image": EXAMPLE_PNG, "expect": "digit", "index": 0}],
            "oneOf": _ONE_PICTURE,
        },
    )

    index: Annotated[
        int | None,
        Field(
            strict=True,
            ge=0,
            le=MAX_INDEX,
            description="Place of the digit in reading order, from 0 (default).",
        ),
    ] = None


class BatchRequest(BaseModel):
    """Several pictures."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"images": [EXAMPLE_PNG], "expect": "digit"}]}
    )

    images: Annotated[list[Base64Picture], Field(max_length=MAX_IMAGES, fail_fast=True)]
    expect: ExpectField = None


class DigitAnswer(BaseModel):
    """One digit of a reading."""

    digit: Annotated[int, Field(ge=0, le=9, examples=[1])]
    confidence: Annotated[float, Field(description="Probability of this digit.", examples=[0.998])]
    digit_score: Annotated[float, Field(description="How digit-like it is, 0 to 1.", examples=[0.99])]
    accepted: Annotated[bool, Field(description="Whether it is digit-like enough.", examples=[True])]
    probabilities: Annotated[tuple[float, ...], Field(description="Of 0 to 9.", examples=[_PROBABILITIES])]
    box: Annotated[
        tuple[int, int, int, int], Field(description="x, y, width and height.", examples=[(7, 3, 2, 10)])
    ]


class ModelIdentity(BaseModel):
    """Which model answered."""

    source: Literal["hub", "bundled"] = "bundled"
    repo: Annotated[str | None, Field(description="Its repository on the Hub.", examples=[None])] = None
    revision: Annotated[str | None, Field(description="Its commit there.", examples=[None])] = None
    sha256: Annotated[str, Field(description="Of the file `reader.tflite`.")]


class ReadingAnswer(BaseModel):
    """What one picture was read as. An empty picture gives `"text": "", "digits": []`."""

    text: Annotated[str, Field(description="The digits; of a number only the accepted ones.", examples=["1"])]
    digits: tuple[DigitAnswer, ...]


class PredictAnswer(ReadingAnswer):
    """A reading, with the model that made it and the time for decoding and reading."""

    model: ModelIdentity
    elapsed_ms: Annotated[float, Field(examples=[1.7])]


class RunnerUp(BaseModel):
    """The second most probable digit."""

    digit: Annotated[int, Field(ge=0, le=9, examples=[7])]
    probability: Annotated[float, Field(examples=[0.001])]


class ExplainAnswer(BaseModel):
    """Why one digit was read as it was."""

    digit: DigitAnswer
    runner_up: RunnerUp
    sentence: Annotated[str, Field(description="How sure the reader is.", examples=["Surely a 1."])]
    change: Annotated[
        str,
        Field(
            description="What would have to be missing for another answer, tried out.",
            examples=["Without its top third it would not look like a digit."],
        ),
    ]
    heat: Annotated[
        Frame,
        Field(
            description="28 rows of 28: by how much the log-odds (natural logarithm) of the answer fall when "
            "the ink there is covered. Above 0 it speaks for the answer, below 0 against it.",
            examples=[((0.0, 1.8, 0.0),)],
        ),
    ]
    seen: Annotated[
        Frame,
        Field(
            description="28 rows of 28, 0 paper to 1 ink: what the network looked at.",
            examples=[((0.0, 1.0, 0.0),)],
        ),
    ]
    model: ModelIdentity
    elapsed_ms: Annotated[float, Field(examples=[21.4])]


class BatchAnswer(BaseModel):
    """Readings in the order of the pictures."""

    readings: tuple[ReadingAnswer, ...]
    model: ModelIdentity
    elapsed_ms: Annotated[float, Field(examples=[12.3])]


class MetricAnswer(BaseModel):
    """One measured result; several values for an interval, or one for each label."""

    dataset: Annotated[str, Field(examples=["MNIST test"])]
    size: Annotated[int, Field(examples=[10_000])]
    metric: Annotated[str, Field(examples=["accuracy"])]
    value: Annotated[float | tuple[float, ...], Field(examples=[0.997])]


Reason = Annotated[
    str | None, Field(description="Why this model is loaded and not the one asked for.", examples=[None])
]


class ModelAnswer(ModelIdentity):
    """The model that is loaded."""

    reason: Reason
    refused_updates: Annotated[int, Field(description="Newer commits on the Hub that could not be used.")]
    name: Annotated[str, Field(examples=["residual"])]
    labels: Annotated[tuple[str, ...], Field(examples=[tuple("0123456789")])]
    drawing_size: Annotated[int, Field(description="N of the reader's input (1, N, N).", examples=[112])]
    acceptance_threshold: Annotated[float, Field(description="The least `digit_score` accepted.")]
    temperature: Annotated[float, Field(description="What calibrates the probabilities.")]
    metrics: tuple[MetricAnswer, ...]


class HealthAnswer(BaseModel):
    """The server runs."""

    status: Literal["live"]


class ReadyAnswer(BaseModel):
    """The server reads pictures."""

    status: Literal["ready"]
    source: Literal["hub", "bundled"]
    reason: Reason


class ErrorDetail(BaseModel):
    """What was wrong."""

    code: Annotated[str, Field(description="For programs.", examples=["undecodable"])]
    message: Annotated[str, Field(description="For people.")]


class ErrorAnswer(BaseModel):
    """The answer to a request that cannot be served."""

    error: ErrorDetail
