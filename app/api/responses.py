"""Response bodies: their schemas, with the examples of the documentation, and how readings fill them."""

from dataclasses import asdict
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from app.model.loading import CurrentModel, LoadedModel
from app.recognition.explanation.explanation import Explanation

_PROBABILITIES = (0.0, 0.998, 0.0, 0.0, 0.001, 0.0, 0.0, 0.001, 0.0, 0.0)
_FRAME_DECIMALS = 3  # of pixels and heat, which are only drawn

Frame = tuple[tuple[float, ...], ...]
Box = Annotated[
    tuple[int, int, int, int], Field(description="x, y, width and height.", examples=[(7, 3, 2, 10)])
]
Line = Annotated[int, Field(description="Number of the line of `text`, from 0.", examples=[0])]


class DigitResponse(BaseModel):
    """One digit of a reading."""

    digit: int = Field(ge=0, description="Index in `labels` of GET /api/model.", examples=[1])
    confidence: float = Field(description="Probability of this digit.", examples=[0.998])
    digit_score: float = Field(description="Probability that the ink is a digit.", examples=[0.99])
    accepted: bool = Field(description="Whether the ink is accepted as a digit.", examples=[True])
    probabilities: tuple[float, ...] = Field(
        description="One per label of the model, 0 to 9 in most.", examples=[_PROBABILITIES]
    )
    box: Box
    line: Line
    embedding: tuple[int, ...] | None = Field(
        None,
        description="Only with `?embeddings=true`: the input of the network's last layer, scaled.",
        examples=[None],
        exclude_if=lambda embedding: embedding is None,
    )


class MarkResponse(BaseModel):
    """One mark beside the digits."""

    mark: str = Field(description="One of `. , - / : % $ € £`.", examples=["."])
    confidence: float = Field(description="Probability of this mark.", examples=[0.97])
    box: Box
    line: Line


class ModelIdentity(BaseModel):
    """The model that made the reading."""

    source: Literal["hub", "folder", "bundled"] = "bundled"
    repo: str | None = Field(None, description="Repository on the Hub.", examples=[None])
    revision: str | None = Field(
        None, description="Commit in the repository, or sha256 of a local release.json.", examples=[None]
    )
    sha256: str = Field(description="Of the file `reader.tflite`.")


class ReadingResponse(BaseModel):
    """The digits and marks of one picture. An empty picture gives `"text": "", "digits": []`."""

    text: str = Field(
        description="The digits, lines parted by a line feed; of a number only the accepted ones.",
        examples=["1"],
    )
    written: str = Field(description="The text with its marks, and with spaces in wide gaps.", examples=["1"])
    digits: tuple[DigitResponse, ...]
    marks: tuple[MarkResponse, ...] = Field(examples=[[]])
    hint: str | None = Field(
        None,
        description="Why the picture may have been read wrongly; absent if nothing is suspected.",
        examples=["the picture may be sideways"],
        exclude_if=lambda hint: hint is None,
    )


class PredictResponse(ReadingResponse):
    """A reading, its model, and the time for decoding and reading."""

    model: ModelIdentity
    elapsed_ms: float = Field(examples=[1.7])


class RunnerUp(BaseModel):
    """The second most probable digit."""

    digit: int = Field(ge=0, examples=[7])
    probability: float = Field(examples=[0.001])


class ExplainResponse(BaseModel):
    """The explanation of one digit."""

    digit: DigitResponse
    runner_up: RunnerUp
    sentence: str = Field(description="How confident the reader is.", examples=["1, high confidence"])
    change: str = Field(
        description="The smallest part without which the reading is another.",
        examples=["Without the top third it would not be accepted as a digit."],
    )
    heat: Frame = Field(
        description="28 rows of 28: by how much the log-odds (natural logarithm) of the digit fall when the "
        "ink there is covered. Positive ink supports the digit, negative ink contradicts it.",
        examples=[((0.0, 1.8, 0.0),)],
    )
    seen: Frame = Field(
        description="28 rows of 28, 0 paper to 1 ink: the normalised image, which is the network's input.",
        examples=[((0.0, 1.0, 0.0),)],
    )
    model: ModelIdentity
    elapsed_ms: float = Field(examples=[21.4])


class BatchResponse(BaseModel):
    """Readings in the order of the pictures."""

    readings: tuple[ReadingResponse, ...]
    model: ModelIdentity
    elapsed_ms: float = Field(examples=[12.3])


class MetricResponse(BaseModel):
    """One measured result; several values for an interval, or one per label."""

    dataset: str = Field(examples=["MNIST test"])
    size: int = Field(examples=[10_000])
    metric: str = Field(examples=["accuracy"])
    value: float | tuple[float, ...] = Field(examples=[0.997])


Reason = Annotated[
    str | None, Field(description="Why this model is loaded instead of the configured one.", examples=[None])
]


class ModelResponse(ModelIdentity):
    """The loaded model."""

    reason: Reason
    refused_updates: int = Field(description="Number of newer releases that could not be used.")
    name: str = Field(examples=["residual"])
    labels: tuple[str, ...] = Field(
        description="The sign of each digit, as in `text`.", examples=[tuple("0123456789")]
    )
    drawing_size: int = Field(description="N of the reader's input (1, N, N).", examples=[112])
    acceptance_threshold: float = Field(description="Lowest accepted `digit_score`.")
    temperature: float = Field(description="Temperature scaling of the probabilities.")
    metrics: tuple[MetricResponse, ...]


class HealthResponse(BaseModel):
    """The server is running."""

    status: Literal["live"]


class ReadyResponse(BaseModel):
    """The server is ready."""

    status: Literal["ready"]
    source: Literal["hub", "folder", "bundled"]
    reason: Reason


class ErrorDetail(BaseModel):
    """The cause of an error."""

    code: str = Field(description="For programs.", examples=["undecodable"])
    message: str = Field(description="For people.")


class ErrorResponse(BaseModel):
    """The response to a request that failed."""

    error: ErrorDetail


def describe_explanation(
    explanation: Explanation, *, model: LoadedModel, elapsed_ms: float
) -> ExplainResponse:
    """Return the explanation of a digit."""
    return ExplainResponse(
        digit=DigitResponse(**explanation.digit.to_json()),
        runner_up=RunnerUp(digit=explanation.runner_up, probability=explanation.runner_up_probability),
        sentence=explanation.sentence,
        change=explanation.change_sentence,
        heat=_round(explanation.heat),
        seen=_round(explanation.digit.normalised),
        model=identify(model),
        elapsed_ms=elapsed_ms,
    )


def identify(model: LoadedModel) -> ModelIdentity:
    """Return the identity of a model."""
    return ModelIdentity.model_validate(model.origin.identify(model.release.reader_sha256))


def describe_model(model: LoadedModel, current: CurrentModel) -> ModelResponse:
    """Return identity, description and measured results of the current model."""
    release = model.release
    return ModelResponse(
        **identify(model).model_dump(),
        reason=model.origin.reason,
        refused_updates=current.refused_updates,
        name=release.name,
        labels=release.labels,
        drawing_size=release.drawing_size,
        acceptance_threshold=release.acceptance_threshold,
        temperature=release.temperature,
        metrics=tuple(MetricResponse(**asdict(metric)) for metric in release.metrics),
    )


def _round(values: NDArray[np.float32]) -> Frame:
    """Return the rows of (28, 28) values, rounded."""
    rows = values.astype(np.float64).round(_FRAME_DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0
    return tuple(tuple(row) for row in rows.tolist())
