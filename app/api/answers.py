"""From the values of the recogniser to the JSON of the answers."""

from dataclasses import asdict

from app.api.loaded import Loaded
from app.api.schemas import DigitAnswer, MetricAnswer, ModelAnswer, ModelIdentity, ReadingAnswer
from app.recognition.reading import Reading


def answer_digits(reading: Reading) -> tuple[DigitAnswer, ...]:
    """Return the digits of a reading."""
    return tuple(
        DigitAnswer(
            digit=digit.digit,
            confidence=digit.confidence,
            digit_score=digit.digit_score,
            accepted=digit.accepted,
            probabilities=digit.probabilities,
            box=(digit.box.x, digit.box.y, digit.box.width, digit.box.height),
        )
        for digit in reading.digits
    )


def answer_reading(reading: Reading) -> ReadingAnswer:
    """Return a reading."""
    return ReadingAnswer(text=reading.text, digits=answer_digits(reading))


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
