"""From the values of the recogniser to the JSON of the answers."""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from app.api.loaded import Loaded
from app.api.schemas import (
    DigitAnswer,
    ExplainAnswer,
    Frame,
    MetricAnswer,
    ModelAnswer,
    ModelIdentity,
    ReadingAnswer,
    RunnerUp,
)
from app.recognition.explanation.explanation import Explanation
from app.recognition.reading import Digit, Reading

_DECIMALS = 3  # of what is drawn, not reckoned with


def answer_digit(digit: Digit) -> DigitAnswer:
    """Return one digit of a reading."""
    return DigitAnswer(
        digit=digit.digit,
        confidence=digit.confidence,
        digit_score=digit.digit_score,
        accepted=digit.accepted,
        probabilities=digit.probabilities,
        box=(digit.box.x, digit.box.y, digit.box.width, digit.box.height),
    )


def answer_digits(reading: Reading) -> tuple[DigitAnswer, ...]:
    """Return the digits of a reading."""
    return tuple(answer_digit(digit) for digit in reading.digits)


def answer_reading(reading: Reading) -> ReadingAnswer:
    """Return a reading."""
    return ReadingAnswer(text=reading.text, digits=answer_digits(reading))


def answer_explanation(explanation: Explanation, *, model: ModelIdentity, elapsed_ms: float) -> ExplainAnswer:
    """Return why a digit was read as it was."""
    return ExplainAnswer(
        digit=answer_digit(explanation.digit),
        runner_up=RunnerUp(digit=explanation.runner_up, probability=explanation.runner_up_probability),
        sentence=explanation.sentence,
        change=explanation.change,
        heat=_frame(explanation.heat),
        seen=_frame(explanation.digit.seen),
        model=model,
        elapsed_ms=elapsed_ms,
    )


def _frame(values: NDArray[np.float32]) -> Frame:
    """Return the rows of (28, 28) values, rounded."""
    rows = values.astype(np.float64).round(_DECIMALS) + 0.0  # no -0.0
    return tuple(tuple(row) for row in rows.tolist())


def identify(loaded: Loaded) -> ModelIdentity:
    """Return which model is loaded."""
    origin = loaded.origin
    return ModelIdentity(
        source=origin.source, repo=origin.repo, revision=origin.commit, sha256=loaded.release.reader_sha256
    )


def describe(loaded: Loaded) -> ModelAnswer:
    """Return all that is known of the model that is loaded."""
    release = loaded.release
    return ModelAnswer(
        **identify(loaded).model_dump(),
        reason=loaded.origin.reason,
        refused_updates=loaded.refused_updates,
        name=release.name,
        labels=release.labels,
        drawing_size=release.drawing_size,
        acceptance_threshold=release.acceptance_threshold,
        temperature=release.temperature,
        metrics=tuple(MetricAnswer(**asdict(metric)) for metric in release.metrics),
    )
